import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { SqliteDatabase } from '../../src/db/sqlite/driver.ts';
import { makeKey, newDatabase, newTestDatabase, production } from '../support/processes.ts';
import { type Answer, jsonHeaders, post, postUser, type Served, send, serveHere } from '../support/server.ts';
import { exchange } from '../support/sockets.ts';
import { waitFor } from '../support/wait.ts';

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
let server: Served;
let key: string;
beforeAll(async () => {
  key = await makeKey(database.url);
  server = await serveHere({ DATABASE_URL: database.url, ...production, LOG_LEVEL: 'debug' });
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
  // The server is of this process: who waits for one of its transactions to end must let it go on.
  const rename = (from: string, to: string) =>
    vi.waitFor(
      () => {
        const db = new SqliteDatabase(database.file, { timeout: 0 });
        try {
          db.pragma('legacy_alter_table = ON');
          db.exec(`ALTER TABLE "${from}" RENAME TO "${to}"`);
        } finally {
          db.close();
        }
      },
      { timeout: 15_000, interval: 20 },
    );
  await rename(table, 'away');
  try {
    return await work();
  } finally {
    await rename('away', table);
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
      {
        level: 30,
        time: expect.any(String),
        pid: expect.any(Number),
        hostname: expect.any(String),
        requestId: answer.headers.get('x-request-id'),
        apiKeyId: expect.stringMatching(/^key_\w{26}$/),
        fields: ['user'],
        method: 'POST',
        path: '/graphql',
        status: 200,
        durationMs: expect.any(Number),
        msg: 'answered',
      },
    ]);
    expect(lines().filter(({ level }) => level >= 50)).toEqual([]);
    expect(lines().length).toBeGreaterThan(15);
    expectNoSecret(server.output());
  });

  test('has a line for each refusal of GraphQL, with its code, the root fields, who acted, and nothing else', async () => {
    const wrong = { emailVerified: secrets.firstName, locale: 42 };
    const fields = ['updateUser'];
    const answers: [Answer, string[], object][] = [
      [await run(update, { id: `user_${'0'.repeat(26)}`, input: {} }), ['ENTITY_NOT_FOUND'], { fields }],
      [
        await run(update, { id: secrets.externalId, input: wrong }),
        Array(2).fill('INVALID_REQUEST_PARAMETERS'),
        { fields },
      ],
      [await run(`{ ${secrets.query} }`), ['GRAPHQL_VALIDATION_FAILED'], {}],
    ];
    for (const [answer, codes, more] of answers) {
      const about = { level: 30, time: expect.any(String), pid: expect.any(Number), hostname: expect.any(String) };
      const requestId = answer.headers.get('x-request-id');
      const apiKeyId = expect.stringMatching(/^key_\w{26}$/);
      expect((await linesOf(answer)).slice(0, -1)).toEqual(
        codes.map((code) => ({ ...about, ...more, apiKeyId, requestId, code, msg: `refused with ${code}` })),
      );
    }
    expectNoSecret(server.output());
  });

  test('names a root field as the schema does, once, whatever it is called and wherever it stands', async () => {
    const id = `user_${'0'.repeat(26)}`;
    const document = `query { ${secrets.query}: user(id: "${id}") { id } again: user(id: "${id}") { id } ...more }
      fragment more on Query { users(first: 1) { edges { node { id } } } }`;
    const [line] = await linesOf(await run(document));
    expect(line).toMatchObject({ fields: ['user', 'users'] });
    expectNoSecret(server.output());
  });

  test('says which user acted, and of a refusal over REST its code', async () => {
    const email = 'who.acted@example.com';
    const password = 'weather-nylon-copper-4';
    const id = await postUser(server.url, key, { email, password, emailVerified: true });
    const signIn = `mutation { authenticateWithPassword(email: "${email}", password: "${password}") { accessToken } }`;
    const signedIn = await send(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: signIn }),
    });
    const [signInLine] = await linesOf(signedIn);
    expect(signInLine).toMatchObject({ fields: ['authenticateWithPassword'], msg: 'answered' });
    expect(signInLine).not.toHaveProperty('apiKeyId');
    const token = /"accessToken":"([^"]+)"/.exec(signedIn.text)?.[1] ?? '';
    const [line] = await linesOf(await post(server.url, token, '{ viewer { id } }'));
    expect(line).toMatchObject({ userId: id, fields: ['viewer'], msg: 'answered' });
    expect(line).not.toHaveProperty('apiKeyId');

    const rest = (authorization: string) =>
      send(`${server.url}/user_management/users/user_${'0'.repeat(26)}`, { headers: { authorization } });
    expect((await linesOf(await rest(`Bearer ${key}`)))[0]).toMatchObject({
      apiKeyId: expect.stringMatching(/^key_/),
      code: 'entity_not_found',
      msg: 'refused with entity_not_found',
    });
    expect((await linesOf(await rest('Bearer nobody')))[0]).toMatchObject({ msg: 'refused with unauthorized' });
    const unauthorized = await post(server.url, 'nobody', '{ viewer { id } }');
    expect((await linesOf(unauthorized))[0]).toMatchObject({ msg: 'refused with UNAUTHORIZED' });
  });

  test('in production is JSON from the first line, and there is no banner', () => {
    const whole = server.output().trimEnd().split('\n');
    expect(whole.filter((line) => !line.startsWith('{'))).toEqual([]);
    expect(whole.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'listening')).toMatchObject({
      level: 30,
      url: server.url,
      database: database.file,
    });
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

  test('in development has words for levels', async () => {
    const development = await serveHere();
    onTestFinished(development.dispose);
    await send(`${development.url}/ready`);
    const line = await waitFor('a line', () => /^\{.*"msg":"answered".*\}$/m.exec(development.output())?.[0]);
    expect(JSON.parse(line)).toMatchObject({ level: 'info', path: '/ready', status: 200 });
  });

  test('on a terminal is to be read', async () => {
    const development = newTestDatabase();
    const env = `DATABASE_URL=${development.url} PORT=0 NO_COLOR=1`;
    const command = `${env} ${process.execPath} dist/main.js serve`;
    const { PATH = '', HOME = '' } = process.env;
    const terminal = spawn('script', ['-qefc', command, '/dev/null'], {
      env: { PATH, HOME },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestFinished(() => void terminal.kill('SIGKILL'));
    let output = '';
    terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const url = await waitFor('the welcome', () => /Health +(http:\S+)/.exec(output)?.[1]);
    await send(url);
    const line = await waitFor('a line', () => /^.* answered .*$/m.exec(output)?.[0]);
    expect(line).toMatch(/^[\d:.]{12} INFO {2}answered {2}requestId=\S+ {2}method=GET {2}path=\/health {2}status=200 /);
    terminal.kill('SIGTERM');
  });

  test('and afterwards all is well again', async () => {
    expect(await run('{ users(first: 1) { edges { node { identities { id } } } } }')).toMatchObject({ status: 200 });
    expect((await send(`${server.url}/ready`)).status).toBe(200);
  });
});
