// npm run bench:mailboxes [-- 300]: whether the answer to whoever asks for a code or a link tells whether somebody has the address,
// by what it says or by the time it takes; and how much mail ten thousand requests cause. Over HTTP, with a mail server.
import { SMTPServer } from 'smtp-server';
import { type RosterProcess, startRoster } from './roster-process.ts';
import { fixed, quantile, welchT } from './statistics.ts';

const calls = Number(process.argv[2] ?? 300);
const requests = 10_000;
const password = 'purple tractor ankle monsoon';

/** Every address that mail has come for. */
const received: string[] = [];
const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  logger: false,
  onData(stream, session, callback) {
    stream.resume();
    stream.on('end', () => {
      received.push(...session.envelope.rcptTo.map(({ address }) => address));
      callback();
    });
  },
});
await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
const { port } = smtp.server.address() as { port: number };
const roster = await startRoster({
  SMTP_URL: `smtp://127.0.0.1:${port}`,
  MAIL_FROM: 'accounts@roster.example',
  PASSWORD_RESET_URL: 'http://127.0.0.1/reset',
  TRUST_PROXY: '1',
});

/** Whoever asks, from a network of their own unless they stay in one. */
function ask(url: RosterProcess['url'], query: string, variables: object, network: string): Promise<Response> {
  const headers = { 'content-type': 'application/json', 'x-forwarded-for': network };
  return fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
}

const anyNetwork = () => [10, 0, 0, 0].map((first) => first || Math.floor(Math.random() * 256)).join('.');

const operations = {
  requestSignInCode: 'mutation ($email: EmailAddress!) { requestSignInCode(email: $email) }',
  requestPasswordReset: 'mutation ($email: EmailAddress!) { requestPasswordReset(email: $email) }',
  authenticateWithCode:
    'mutation ($email: EmailAddress!) { authenticateWithCode(email: $email, code: "000000") { accessToken } }',
};

const kinds = ['known', 'at home', 'unverified', 'managed', 'unknown'] as const;
type Kind = (typeof kinds)[number];

async function make(kind: Kind, email: string): Promise<void> {
  if (kind === 'unknown') return;
  const input = { email, emailVerified: kind !== 'unverified', password };
  const { data } = await roster.graphql('mutation ($input: CreateUserInput!) { createUser(input: $input) { id } }', {
    input,
  });
  if (!data) throw new Error('could not make a user');
  const { id } = data.createUser as { id: string };
  if (kind === 'at home') await signInOften(email);
  if (kind !== 'managed') return;
  const setManaged = 'mutation ($id: ID!) { setUserManaged(id: $id, managed: true) { managed } }';
  const { errors } = await roster.graphql(setManaged, { id });
  if (errors) throw new Error('could not make a managed user');
}

const addressOf = (kind: Kind, i: number) => `${kind.replace(' ', '-')}${i}@example.com`;

/** From ten networks: those are looked through for whoever asks. */
async function signInOften(email: string): Promise<void> {
  const query =
    'mutation ($email: EmailAddress!, $password: String!) { authenticateWithPassword(email: $email, password: $password) { accessToken } }';
  for (let i = 0; i < 10; i += 1) await (await ask(roster.url, query, { email, password }, anyNetwork())).text();
}

/** Interleaved, in an order drawn anew each time, so that drift of the machine meets all alike. */
async function compareTimes(operation: keyof typeof operations): Promise<void> {
  const times: Record<Kind, number[]> = { known: [], 'at home': [], unverified: [], managed: [], unknown: [] };
  const answers = new Set<string>();
  for (let i = 0; i < calls; i += 1) {
    for (const kind of [...kinds].sort(() => Math.random() - 0.5)) {
      const startedAt = performance.now();
      const response = await ask(roster.url, operations[operation], { email: addressOf(kind, i) }, anyNetwork());
      const body = await response.text();
      times[kind].push(performance.now() - startedAt);
      answers.add(`${response.status} ${body}`);
    }
  }
  console.log(`\n${operation}, ${calls} of each, interleaved (ms). Different answers: ${answers.size}`);
  for (const answer of answers) console.log(`  ${answer}`);
  for (const kind of kinds) {
    const samples = times[kind];
    const t = fixed(welchT(samples, times.unknown), 2);
    console.log(
      `  ${kind.padEnd(12)} p50 ${fixed(quantile(samples, 0.5), 2)}  p95 ${fixed(quantile(samples, 0.95), 2)}  t ${t}`,
    );
  }
}

/** Ten thousand requests for one address, from one caller or each from another network; answers how many mails came of it. */
async function bomb(name: string, email: (i: number) => string, network: () => string): Promise<void> {
  const counts: Record<string, number> = {};
  received.length = 0;
  const startedAt = performance.now();
  for (let i = 0; i < requests; i += 50) {
    const block = Array.from({ length: 50 }, async (_, n) => {
      const response = await ask(roster.url, operations.requestSignInCode, { email: email(i + n) }, network());
      const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
      const code = errors?.[0]?.extensions.code ?? 'true';
      counts[code] = (counts[code] ?? 0) + 1;
    });
    await Promise.all(block);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  await mailToSettle();
  const counted = received.map((to) => received.filter((other) => other === to).length);
  console.log(`\n${requests} requests for a code, ${name}, in ${fixed(seconds)} s`);
  console.log(
    `  answers: ${Object.entries(counts)
      .map(([code, count]) => `${code} ${count}`)
      .join(', ')}`,
  );
  console.log(`  mails: ${received.length}, at most ${Math.max(0, ...counted)} to one address`);
}

/** Until none has come for three seconds. */
async function mailToSettle(): Promise<void> {
  for (let before = -1; before !== received.length; ) {
    before = received.length;
    await new Promise((resolve) => setTimeout(resolve, 3000));
  }
}

for (let i = 0; i < calls; i += 1) for (const kind of kinds) await make(kind, addressOf(kind, i));
await mailToSettle(); // what is done for new users, and the start of the server, are over
for (const operation of Object.keys(operations) as (keyof typeof operations)[]) {
  await compareTimes(operation);
  await mailToSettle();
}
console.log('  |t| above 4.5 would count as a leak.');

await make('known', 'victim@example.com');
for (let i = 0; i < 200; i += 1) await make('known', `neighbour${i}@example.com`);
await bomb('for one address, each from another network', () => 'victim@example.com', anyNetwork);
await bomb(
  'for two hundred addresses, all from one network',
  (i) => `neighbour${i % 200}@example.com`,
  () => '192.0.2.7',
);
await roster.stop();
smtp.close();
