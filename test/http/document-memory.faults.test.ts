import { randomBytes } from 'node:crypto';
import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/database.ts';
import { makeKey } from '../support/processes.ts';
import { type Answer, post, postUser, type ServerProcess, send, startServerProcess } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

const password = 'purple tractor ankle monsoon';

async function startWithHeap(megabytes: number, settings: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await startServerProcess({
    NODE_OPTIONS: `--max-old-space-size=${megabytes}`,
    RATE_LIMIT_PER_ADDRESS: '0',
    RATE_LIMIT_PER_PRINCIPAL: '0',
    LOG_LEVEL: 'error',
    ...settings,
  });
  onTestFinished(server.dispose);
  return server;
}

/** Sends so many, some at a time, and answers how often each code came; `ok` for none. */
async function storm(count: number, ask: (i: number) => Promise<Answer>): Promise<Record<string, number>> {
  const codes: Record<string, number> = {};
  let next = 0;
  const caller = async () => {
    for (let i = next++; i < count; i = next++) {
      const { errors } = await ask(i);
      const code = errors?.[0]?.extensions.code ?? 'ok';
      codes[code] = (codes[code] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: 8 }, caller));
  return codes;
}

const anonymous = (url: string, query: string) =>
  send(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });

async function expectAlive({ child, url, output }: ServerProcess): Promise<void> {
  expect((await send(`${url}/health`)).status, output()).toBe(200);
  expect(child.exitCode).toBeNull();
}

const fields = [
  'id',
  'email',
  'firstName',
  'lastName',
  'name',
  'locale',
  'metadata',
  'externalId',
  'version',
  'createdAt',
];

/** So many names of fields, in turns: a document may select each of them a hundred times. */
const names = (count: number, among = fields) =>
  Array.from({ length: count }, (_, i) => among[i % among.length]).join(' ');

test('2,048 documents with a comment of 250 KB, half of them with a syntax error, by four backends', async () => {
  const server = await startWithHeap(256);
  const keys = [server.key, ...(await Promise.all(['b', 'c', 'd'].map((name) => makeKey(server.databaseUrl, name))))];
  const comment = 'x'.repeat(250_000);
  const codes = await storm(2048, (i) =>
    post(server.url, keys[i % 4] ?? '', `{ __typename ${i % 2 ? '' : '}'} #${i}${comment}`),
  );
  expect(codes).toEqual({ DOCUMENT_LIMIT_EXCEEDED: 2048 });
  await expectAlive(server);
});

test('913 sign-ins of 460 fields without credentials, each another document, on a heap of 128 MiB', async () => {
  const server = await startWithHeap(128);
  const codes = await storm(913, (i) =>
    anonymous(
      server.url,
      `mutation S${i}($e: EmailAddress!, $p: String!) { authenticateWithPassword(email: $e, password: $p) { user { ${names(460)} } } }`,
    ),
  );
  expect(codes).toEqual({ INVALID_REQUEST_PARAMETERS: 913 });
  await expectAlive(server);
});

test.each([
  [400, fields, 'ok'],
  [1000, fields, 'ok'],
  [1900, ['id'], 'DOCUMENT_LIMIT_EXCEEDED'],
])(
  '516 documents of %i names (of %j) by a user who is signed in (%s), on a heap of 256 MiB',
  async (count, among, code) => {
    const server = await startWithHeap(256);
    await postUser(server.url, server.key, { email: 'ada@example.com', emailVerified: true, password });
    const signIn = `mutation { authenticateWithPassword(email: "ada@example.com", password: "${password}") { accessToken } }`;
    const token = /"accessToken":"([^"]+)"/.exec((await anonymous(server.url, signIn)).text)?.[1] ?? '';
    const codes = await storm(516, (i) => post(server.url, token, `{ a${i}: viewer { ${names(count, among)} } }`));
    expect(codes).toEqual({ [code]: 516 });
    await expectAlive(server);
  },
);

test('3,000 documents by a backend, executed, on a heap of 128 MiB', async () => {
  const server = await startWithHeap(128);
  const codes = await storm(3000, (i) =>
    post(server.url, server.key, `{ a${i}: __typename ${'... { __typename } '.repeat(60)} }`),
  );
  expect(codes).toEqual({ ok: 3000 });
  await expectAlive(server);
});

test('nothing in the memory of the process has a password that came in a document', async () => {
  const folder = temporaryFolder();
  const server = await startWithHeap(512, {
    NODE_OPTIONS: `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${folder}`,
  });
  await postUser(server.url, server.key, { email: 'ada@example.com' });
  const secrets = Array.from({ length: 4 }, () => `secret${randomBytes(12).toString('hex')}`);
  const [tried = '', chosen = '', refused = '', unfinished = ''] = secrets;
  await anonymous(
    server.url,
    `mutation { authenticateWithPassword(email: "ada@example.com", password: "${tried}") { accessToken } }`,
  );
  await post(
    server.url,
    server.key,
    `mutation { createUser(input: { email: "b@example.com", password: "${chosen}" }) { id } }`,
  );
  await post(server.url, server.key, `mutation { createUser(input: { nonsense: 1, password: "${refused}" }) { id } }`);
  await post(server.url, server.key, `mutation { createUser(input: { password: "${unfinished}" `);
  for (let i = 0; i < 50; i += 1) await post(server.url, server.key, '{ viewer { id } users { totalCount } }');

  server.child.kill('SIGUSR2');
  const name = await waitFor(
    'the snapshot',
    () => readdirSync(folder).find((file) => file.endsWith('.heapsnapshot')),
    120_000,
  );
  // It answers again when everything is written; meanwhile connections that were kept open have been given up.
  await waitFor(
    'it to answer',
    () =>
      send(`${server.url}/health`).then(
        ({ status }) => status === 200,
        () => false,
      ),
    120_000,
  );
  const snapshot = await countIn(join(folder, name), ['ada@example.com', 'authenticateWithPassword', ...secrets]);
  expect(snapshot.get('authenticateWithPassword')).toBeGreaterThan(0);
  expect(secrets.map((secret) => snapshot.get(secret))).toEqual([0, 0, 0, 0]);
});

/** How often each text occurs in a file that may be longer than a string. */
async function countIn(path: string, texts: string[]): Promise<Map<string, number>> {
  const counts = new Map(texts.map((text) => [text, 0]));
  let rest = '';
  for await (const chunk of createReadStream(path, { encoding: 'latin1' })) {
    const piece = rest + chunk;
    for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + piece.split(text).length - 1);
    rest = piece.slice(-24);
  }
  return counts;
}
