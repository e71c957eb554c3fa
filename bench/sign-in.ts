// npm run bench:sign-in: whether the time of a refused sign-in tells that an address exists, how many sign-ins there are
// in a second, and how a plain query fares while the hashing queue is full.
import { setTimeout as sleep } from 'node:timers/promises';
import { startRoster } from './roster-process.ts';
import { fixed, quantile, welchT } from './statistics.ts';

const calls = Number(process.argv[2] ?? 400);
const users = 40;
const password = 'a passphrase for the benchmark';

const signIn =
  'mutation ($email: EmailAddress!, $password: String!) { authenticateWithPassword(email: $email, password: $password) { user { id } } }';
const roster = await startRoster({ SIGN_IN_FAILURES_PER_ADDRESS: '10000', SIGN_IN_FAILURES_PER_CALLER: '1000000' });

const ids: string[] = [];
for (let i = 0; i < users; i += 1) {
  const { data } = await roster.graphql('mutation ($input: CreateUserInput!) { createUser(input: $input) { id } }', {
    input: { email: `user${i}@example.com`, emailVerified: true, password },
  });
  if (!data) throw new Error('could not make a user');
  ids.push((data.createUser as { id: string }).id);
}
const { data } = await roster.graphql('mutation { createUser(input: { email: "nopassword@example.com" }) { id } }');
if (!data?.createUser) throw new Error('could not make the users');

async function timed(
  work: () => Promise<{ errors?: { extensions: { code: string } }[] }>,
  code?: string,
): Promise<number> {
  const startedAt = performance.now();
  const { errors } = await work();
  if (errors?.[0]?.extensions.code !== code) throw new Error(`expected ${code}, got ${errors?.[0]?.extensions.code}`);
  return performance.now() - startedAt;
}

/** Interleaved, in an order drawn anew each time, so that drift of the machine meets all alike. */
async function compareRefusals(): Promise<void> {
  const kinds: Record<string, () => { email: string; password: string }> = {
    'wrong password': () => ({
      email: `user${Math.floor(Math.random() * users)}@example.com`,
      password: 'a wrong passphrase',
    }),
    'unknown address': () => ({ email: `nobody${Math.random()}@example.com`, password: 'a wrong passphrase' }),
    'no password': () => ({ email: 'nopassword@example.com', password: 'a wrong passphrase' }),
  };
  const samples: Record<string, number[]> = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, []]));
  for (let i = 0; i < calls; i += 1) {
    for (const kind of Object.keys(kinds).sort(() => Math.random() - 0.5)) {
      samples[kind]?.push(await timed(() => roster.graphql(signIn, kinds[kind]?.()), 'INVALID_CREDENTIALS'));
    }
  }
  console.log(`\nRefused sign-ins, ${calls} of each, interleaved (ms)`);
  const reference = samples['wrong password'] as number[];
  for (const [kind, times] of Object.entries(samples)) {
    const t = fixed(welchT(times, reference), 2);
    console.log(
      `  ${kind.padEnd(16)} p50 ${fixed(quantile(times, 0.5), 2)}  p95 ${fixed(quantile(times, 0.95), 2)}  t ${t}`,
    );
  }
  console.log('  |t| above 4.5 would count as a leak.');
}

async function countSignIns(connections: number): Promise<void> {
  const startedAt = performance.now();
  let done = 0;
  await Promise.all(
    Array.from({ length: connections }, async (_, i) => {
      for (; performance.now() - startedAt < 5000; done += 1) {
        await timed(() => roster.graphql(signIn, { email: `user${i}@example.com`, password }));
      }
    }),
  );
  console.log(
    `\nSign-ins with ${connections} at once: ${fixed((done * 1000) / (performance.now() - startedAt))} a second`,
  );
}

async function queryTimes(count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i += 1) {
    times.push(
      await timed(() => roster.graphql('query ($id: ID!) { user(id: $id) { email } }', { id: ids[i % users] })),
    );
  }
  return times;
}

async function queryUnderLoad(): Promise<void> {
  const idle = await queryTimes(500);
  let loading = true;
  let refused = 0;
  const load = Promise.all(
    Array.from({ length: 100 }, async (_, i) => {
      while (loading) {
        const { errors } = await roster.graphql(signIn, { email: `user${i % users}@example.com`, password: 'wrong' });
        if (errors?.[0]?.extensions.code !== 'RATE_LIMITED') continue;
        refused += 1;
        await sleep(250); // a client that waits a quarter of the least that it was told
      }
    }),
  );
  const full = await queryTimes(500);
  loading = false;
  await load;
  console.log('\nuser(id) one after the other (ms)');
  for (const [name, times] of Object.entries({ idle, 'hashing queue full': full })) {
    console.log(`  ${name.padEnd(20)} p50 ${fixed(quantile(times, 0.5), 2)}  p99 ${fixed(quantile(times, 0.99), 2)}`);
  }
  console.log(`  refused at once with RATE_LIMITED meanwhile: ${refused}`);
}

await compareRefusals();
await countSignIns(1);
await countSignIns(8);
await queryUnderLoad();
await roster.stop();
