import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { newTestDatabase, production, roster } from '../support/processes.ts';
import { postUser, send, serveHere, startServerProcess } from '../support/server.ts';
import { dumpTables } from '../support/tables.ts';

const password = 'wkqzvxmrhtbj';

async function start(settings: Record<string, string>) {
  const server = await serveHere({ LOG_LEVEL: 'debug', ...settings });
  onTestFinished(server.dispose);
  return server;
}

async function mutate(url: string, document: string) {
  const headers = { 'content-type': 'application/json' };
  const answer = await send(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query: document }) });
  return answer as typeof answer & { data?: Record<string, { accessToken: string; refreshToken: string }> };
}

const keysOf = async (url: string): Promise<string[]> =>
  JSON.parse((await send(`${url}/.well-known/jwks.json`)).text).keys.map(({ kid }: { kid: string }) => kid);

test('production without a secret does not start, says what to do, and touches nothing', async () => {
  const { url, file } = newTestDatabase();
  const { code, stdout, stderr } = await roster(['serve'], { DATABASE_URL: url, NODE_ENV: 'production', PORT: '0' });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(
    /^The configuration has problems:\n {2}SIGNING_KEY_SECRET: not set, [^\n]*"openssl rand -base64 32"[^\n]*\n$/,
  );
  expect(() => dumpTables(file)).toThrow();
});

test('a secret that is too short is refused, and not repeated', async () => {
  const { url } = newTestDatabase();
  const { code, stderr } = await roster(['serve'], { DATABASE_URL: url, SIGNING_KEY_SECRET: 'swordfish' });
  expect(code).toBe(1);
  expect(stderr).toContain('SIGNING_KEY_SECRET: expected at least 32 characters');
  expect(stderr).not.toContain('swordfish');
});

test('another secret than the one before does not start; after a rotation it does, and who is signed in stays', async () => {
  const { url } = newTestDatabase();
  const first = await start({ DATABASE_URL: url, ...production });
  await first.stop();
  const changed = { ...production, SIGNING_KEY_SECRET: 'the next secret, of thirty-two characters', DATABASE_URL: url };
  const { code, stdout, stderr } = await roster(['serve'], { ...changed, PORT: '0', LOG_LEVEL: 'silent' });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(
    /^The signing key \S+ cannot be decrypted: [^\n]+ "node dist\/main\.js signing-key rotate" [^\n]+\n$/,
  );
  for (const { SIGNING_KEY_SECRET } of [production, changed]) expect(stderr).not.toContain(SIGNING_KEY_SECRET);
  expect(await roster(['signing-key', 'rotate'], changed)).toMatchObject({ code: 0, stderr: '' });
  const second = await start(changed);
  expect(await keysOf(second.url)).toHaveLength(2);
});

test('rotate and list say what they do, and running servers follow within seconds', async () => {
  const server = await start({});
  const cli = (...args: string[]) => roster(['signing-key', ...args], { DATABASE_URL: server.databaseUrl });
  const [first] = await keysOf(server.url);
  expect((await cli('list')).stdout).toMatch(new RegExp(`^${first}  ES256  created \\S+Z  signs\n$`));
  const rotated = await cli('rotate');
  expect(rotated).toMatchObject({ code: 0, stderr: '' });
  const second = rotated.stdout.split(' ')[0] as string;
  expect(rotated.stdout).toMatch(/^\S+ signs in every server within two seconds\. [^\n]+\n$/);
  expect((await cli('list')).stdout).toMatch(
    new RegExp(
      `^${second}  ES256  created \\S+Z  signs\n${first}  ES256  created \\S+Z  retired, accepted until \\S+Z\n$`,
    ),
  );
  await expect.poll(() => keysOf(server.url), { timeout: 5000 }).toEqual([second, first]);
  const third = (await cli('rotate', '--discard')).stdout.split(' ')[0] as string;
  await expect.poll(() => keysOf(server.url), { timeout: 5000 }).toEqual([third]);
});

test('list of a database without keys says when there will be one', async () => {
  const { url } = newTestDatabase({ isMigrated: true });
  const { code, stdout, stderr } = await roster(['signing-key', 'list'], { DATABASE_URL: url });
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toContain('The first start of a server makes one.');
});

test('two servers that start at once on a new database sign for each other', async () => {
  const { url } = newTestDatabase({ isMigrated: true });
  const servers = await Promise.all([1, 2].map(() => startServerProcess({ DATABASE_URL: url })));
  for (const server of servers) onTestFinished(server.dispose);
  const key = (await roster(['api-key', 'create', 'test'], { DATABASE_URL: url })).stdout.trim();
  await postUser(servers[0]?.url ?? '', key, { email: 'ada@example.com', emailVerified: true, password });
  for (const [signer, verifier] of [servers, servers.toReversed()] as const) {
    const signIn = `mutation { authenticateWithPassword(email: "ada@example.com", password: "${password}") { accessToken } }`;
    const token = (await mutate(signer?.url ?? '', signIn)).data?.authenticateWithPassword?.accessToken;
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const body = JSON.stringify({ query: '{ __typename }' });
    expect((await send(`${verifier?.url}/graphql`, { method: 'POST', headers, body })).status).toBe(200);
  }
});

test('no token, no private key and no secret is in a log line, an error or the database', async () => {
  const { url, folder } = newTestDatabase();
  const server = await start({ DATABASE_URL: url, ...production });
  const key = (await roster(['api-key', 'create', 'test'], { DATABASE_URL: url })).stdout.trim();
  await postUser(server.url, key, { email: 'ada@example.com', emailVerified: true, password });
  const signIn = `mutation { authenticateWithPassword(email: "ada@example.com", password: "${password}") { accessToken refreshToken } }`;
  const first = (await mutate(server.url, signIn)).data?.authenticateWithPassword;
  const refresh = `mutation { refreshSession(refreshToken: "${first?.refreshToken}") { accessToken refreshToken } }`;
  const second = (await mutate(server.url, refresh)).data?.refreshSession;
  const reused = await mutate(server.url, refresh);
  expect(reused.errors).toMatchObject([{ extensions: { code: 'INVALID_GRANT' } }]);
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${second?.accessToken}` };
  const dead = await send(`${server.url}/graphql`, { method: 'POST', headers, body: '{"query":"{ __typename }"}' });
  expect(dead.status).toBe(401);
  await expect.poll(server.output).toContain('a used refresh token came again');
  await server.stop();

  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
  const everywhere = [server.output(), reused.text, dead.text, ...files].join('\n');
  expect(everywhere.length).toBeGreaterThan(20_000);
  for (const token of [first, second]) {
    for (const part of token?.accessToken.split('.').slice(1) ?? []) expect(everywhere).not.toContain(part);
    expect(everywhere).not.toContain(token?.refreshToken.slice(3));
  }
  expect(everywhere).not.toContain(production.SIGNING_KEY_SECRET);
  expect(everywhere).not.toMatch(/PRIVATE KEY|"d":"/);
});
