import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeKey, newDatabase, production } from '../support/processes.ts';
import {
  type Answer,
  jsonHeaders,
  post,
  postUser,
  type ServerProcess,
  send,
  startServerProcess,
} from '../support/server.ts';
import { exchange } from '../support/sockets.ts';

/** Each would be found in the log whatever spelling it took. */
const secrets = {
  email: 'zaphod.q@secret.example',
  otherEmail: 'trillian.q@secret.example',
  password: 'mostly harmless 4242 improbable',
  hash: '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
  firstName: 'Slartibartfast',
  metadataKey: 'towelcolour',
  metadataValue: 'heliotrope',
  externalId: 'vogon-77',
  idpId: 'betelgeuse-5',
  query: 'magratheaunknown',
};

const database = newDatabase();
let server: ServerProcess;
let key: string;
beforeAll(async () => {
  key = await makeKey(database.url);
  server = await startServerProcess({ DATABASE_URL: database.url, ...production, LOG_LEVEL: 'debug' });
});
afterAll(async () => {
  await server.dispose();
  database.remove();
});

const run = (document: string, variables?: unknown) => post(server.url, key, document, variables);
const lines = () =>
  server
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line));

/** All lines of one request. They come through a pipe, perhaps after the answer; the one with its duration is the last. */
async function linesOf(answer: Answer) {
  const found = () => lines().filter(({ requestId }) => requestId === answer.headers.get('x-request-id'));
  await expect.poll(() => found().at(-1), { timeout: 10_000 }).toHaveProperty('durationMs');
  return found();
}

const update = 'mutation ($id: ID!, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { id email } }';
const link =
  'mutation ($userId: ID!, $input: LinkIdentityInput!) { linkIdentity(userId: $userId, input: $input) { id } }';
const identity = { provider: 'GITHUB_OAUTH', idpId: secrets.idpId, email: secrets.otherEmail };

/** What clients do in a day, done well and badly. */
async function useEverything(): Promise<string> {
  const { email, otherEmail, password, hash, firstName, metadataKey, metadataValue, externalId, query } = secrets;
  const id = await postUser(server.url, key, {
    email,
    firstName,
    externalId,
    metadata: { [metadataKey]: metadataValue },
  });
  await postUser(server.url, key, { email: otherEmail });
  await run(link, { userId: id, input: identity });
  await run(update, { id, input: { password } });
  await run(update, { id, input: { passwordHash: hash, passwordHashType: 'BCRYPT' } });
  await run(update, { id, input: { passwordHash: `${hash}x`, passwordHashType: 'BCRYPT' } });
  await run(update, { id, input: { email: otherEmail } });
  await run(update, {
    id,
    input: { externalId: `${externalId}é`, locale: metadataValue, metadata: { [metadataKey]: 1 } },
  });
  await run(update, { id, input: { password: [password], emailVerified: firstName } });
  await run(`{ userByEmail(email: "${email}") { id } ${query} }`);
  await run(`{ userByEmail(email: "${email}`);
  await run(`{ userByEmail(email: ${'['.repeat(50_000)}`, { email });
  await send(`${server.url}/users/${email}?password=${encodeURIComponent(password)}`);
  await send(`${server.url}/graphql?query=${query}&variables={"${email}`, { headers: jsonHeaders(key) });
  await send(`${server.url}/graphql`, { method: 'POST', headers: jsonHeaders(key), body: `{"${password}` });
  await send(`${server.url}/graphql`, { method: 'POST', headers: jsonHeaders(`${key}x`), body: password });
  await exchange(server.url, `GET /${email} HTTP/1.1\r\nHost: ${firstName}/\r\n${query}\r\n\r\n`);
  return id;
}

/** Takes a table away under the running server, does what needs it, and puts it back. */
async function withoutTable<T>(table: string, work: () => Promise<T>): Promise<T> {
  const rename = (from: string, to: string) => {
    const db = new Sqlite(database.file);
    db.pragma('legacy_alter_table = ON');
    db.exec(`ALTER TABLE "${from}" RENAME TO "${to}"`);
    db.close();
  };
  rename(table, 'away');
  try {
    return await work();
  } finally {
    rename('away', table);
  }
}

function expectNoSecret(text: string) {
  for (const secret of [...Object.values(secrets), key, key.slice(3)]) {
    const found = [secret, encodeURIComponent(secret)].some((form) => text.toLowerCase().includes(form.toLowerCase()));
    expect(found, `"${secret}" is in: ${text.slice(0, 2000)}`).toBe(false);
  }
}

describe('the log', () => {
  test('has one line for a request that is answered, with its id and duration, and holds nothing that was sent or stored', async () => {
    const id = await useEverything();
    const answer = await run('query ($id: ID!) { user(id: $id) { email } }', { id });
    expect(answer.text).toContain(secrets.email);
    expect(await linesOf(answer)).toEqual([
      expect.objectContaining({ method: 'POST', path: '/graphql', status: 200, durationMs: expect.any(Number) }),
    ]);
    expect(lines().filter(({ level }) => level >= 50)).toEqual([]);
    expect(lines().length).toBeGreaterThan(15);
    expectNoSecret(server.output());
  });

  test('has a line for each refusal of GraphQL, with its code and nothing else', async () => {
    const wrong = { emailVerified: secrets.firstName, locale: 42 };
    const answers: [Answer, string[]][] = [
      [await run(update, { id: `user_${'0'.repeat(26)}`, input: {} }), ['ENTITY_NOT_FOUND']],
      [await run(update, { id: secrets.externalId, input: wrong }), Array(2).fill('INVALID_REQUEST_PARAMETERS')],
      [await run(`{ ${secrets.query} }`), ['GRAPHQL_VALIDATION_FAILED']],
    ];
    for (const [answer, codes] of answers) {
      const about = { level: 30, time: expect.any(String), pid: expect.any(Number), hostname: expect.any(String) };
      const requestId = answer.headers.get('x-request-id');
      expect((await linesOf(answer)).slice(0, -1)).toEqual(codes.map((code) => ({ ...about, requestId, code })));
    }
    expectNoSecret(server.output());
  });

  test('an unexpected error in a resolver: one line, with the id that the answer gives, and nothing else in either', async () => {
    const userId = await postUser(server.url, key, { email: 'someone@example.com' });
    const answer = await withoutTable('identities', () => run(link, { userId, input: { ...identity, idpId: 'new' } }));
    const requestId = answer.headers.get('x-request-id');
    expect(answer.errors).toMatchObject([
      { message: 'Unexpected error.', extensions: { code: 'INTERNAL_SERVER_ERROR', requestId } },
    ]);
    expect(answer.text).not.toMatch(/prisma|sqlite|identities|\.ts/i);
    expect((await linesOf(answer)).filter(({ level }) => level >= 50)).toHaveLength(1);
    expectNoSecret(server.output());
  });

  test('an unexpected error before any resolver: the same', async () => {
    const answer = await withoutTable('api_keys', () => post(server.url, `sk_${'x'.repeat(43)}`, '{ __typename }'));
    expect(answer.status).toBe(500);
    const extensions = { code: 'INTERNAL_SERVER_ERROR', requestId: answer.headers.get('x-request-id') };
    expect(JSON.parse(answer.text)).toEqual({ errors: [{ message: 'Unexpected error.', extensions }] });
    expect((await linesOf(answer)).filter(({ level }) => level >= 50)).toHaveLength(1);
    expectNoSecret(server.output());
  });

  test('and afterwards all is well again', async () => {
    expect(await run('{ users(first: 1) { edges { node { identities { id } } } } }')).toMatchObject({ status: 200 });
    expect((await send(`${server.url}/ready`)).status).toBe(200);
  });
});
