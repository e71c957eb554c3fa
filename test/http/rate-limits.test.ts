import { describe, expect, onTestFinished, test } from 'vitest';
import { type Answer, jsonHeaders, post, send, startTestServer, type TestServer } from '../support/server.ts';
import { makeSignedIn, password } from '../support/sessions.ts';

async function start(settings: Record<string, string>): Promise<TestServer> {
  const server = await startTestServer({ LOG_LEVEL: 'silent', ...settings });
  onTestFinished(server.close);
  return server;
}

const question = '{ __typename }';
const signIn = 'mutation { authenticateWithPassword(email: "a@example.com", password: "x") { accessToken } }';

function anonymous({ url }: TestServer, headers: Record<string, string> = {}): Promise<Answer> {
  const body = JSON.stringify({ query: signIn });
  return send(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
}

async function signInAs({ url }: TestServer, email: string): Promise<string> {
  const query = `mutation { authenticateWithPassword(email: "${email}", password: "${password}") { accessToken } }`;
  const headers = { 'content-type': 'application/json' };
  const { data } = await send(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
  return (data as { authenticateWithPassword: { accessToken: string } }).authenticateWithPassword.accessToken;
}

async function times(count: number, ask: () => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let i = 0; i < count; i += 1) answers.push(await ask());
  return answers;
}

const statuses = (answers: Answer[]) => answers.map(({ status }) => status);

function expectLimit({ status, headers, errors }: Answer, message: RegExp) {
  expect(status).toBe(429);
  const wait = Number(headers.get('retry-after'));
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(60);
  expect(errors).toEqual([
    { message: expect.stringMatching(message), extensions: { code: 'RATE_LIMITED', retryAfterSeconds: wait } },
  ]);
}

describe('beyond the limit of an address', () => {
  test('whoever has no key waits, and is told how long', async () => {
    const server = await start({ RATE_LIMIT_PER_ADDRESS: '3' });
    expect(statuses(await times(3, () => anonymous(server)))).toEqual([200, 200, 200]);
    expectLimit(await anonymous(server), /^Too many requests from this address: 3 a minute are allowed\. Try again in/);
  });

  test('guesses at keys and tokens wait, at both handlers, and valid keys do not', async () => {
    const server = await start({ RATE_LIMIT_PER_ADDRESS: '3' });
    for (const key of ['nonsense', `sk_${'a'.repeat(43)}`, 'a.b.c']) {
      expect((await post(server.url, key, question)).status).toBe(401);
    }
    for (const key of ['nonsense', `sk_${'a'.repeat(43)}`, 'a.b.c']) {
      expectLimit(await post(server.url, key, question), /from this address/);
      const rest = await send(`${server.url}/user_management/users`, { headers: jsonHeaders(key) });
      expect(rest.status).toBe(429);
      expect(JSON.parse(rest.text)).toMatchObject({ code: 'rate_limited' });
      expect(Number(rest.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(statuses(await times(10, () => post(server.url, server.key, question)))).toEqual(Array(10).fill(200));
  });

  test('wrong passwords from one IPv6 network count together, whatever address in it they come from', async () => {
    const server = await start({ TRUST_PROXY: '1', SIGN_IN_FAILURES_PER_CALLER: '3' });
    const codes: unknown[] = [];
    for (let i = 1; i <= 8; i += 1) {
      const body = JSON.stringify({ query: signIn.replace('a@', `a${i}@`) });
      const headers = { 'content-type': 'application/json', 'x-forwarded-for': `2001:db8::${i}` };
      const { errors } = await send(`${server.url}/graphql`, { method: 'POST', headers, body });
      codes.push((errors as { extensions: { code: string } }[])[0]?.extensions.code);
    }
    expect(codes.slice(0, 3)).toEqual(Array(3).fill('INVALID_CREDENTIALS'));
    expect(codes.at(-1)).toBe('RATE_LIMITED');
  });

  test('who waits as long as Retry-After says is answered', async () => {
    const server = await start({ RATE_LIMIT_PER_ADDRESS: '1' });
    await anonymous(server);
    const wait = Number((await anonymous(server)).headers.get('retry-after'));
    const { Date: RealDate } = globalThis;
    const now = Date.now;
    onTestFinished(() => {
      RealDate.now = now;
    });
    RealDate.now = () => now() + (wait - 2) * 1000;
    expect((await anonymous(server)).status).toBe(429);
    RealDate.now = () => now() + wait * 1000;
    expect((await anonymous(server)).status).toBe(200);
  });
});

describe('every route counts for its address', () => {
  const json = { 'content-type': 'application/json' };
  const foreign = { origin: 'https://elsewhere.example' };
  const preflight = { origin: 'https://app.example.com', 'access-control-request-method': 'POST' };
  const byHash = JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } });
  const requests: [what: string, path: string, init: RequestInit, status: number][] = [
    ['the page', '/graphql', { headers: { accept: 'text/html' } }, 200],
    ['a preflight', '/graphql', { method: 'OPTIONS', headers: preflight }, 204],
    ['a page of another origin', '/graphql', { method: 'POST', headers: { ...json, ...foreign }, body: '{}' }, 403],
    ['an automatic persisted query', '/graphql', { method: 'POST', headers: json, body: byHash }, 200],
    ['an operation', '/graphql', { method: 'POST', headers: json, body: '{}' }, 401],
    ['another method', '/graphql', { method: 'DELETE' }, 401],
    ['the description of REST', '/openapi.json', {}, 200],
    ['the way to GraphQL', '/', {}, 302],
    ['what is not there', '/nonsense', {}, 404],
    ['a method that is not answered', '/openapi.json', { method: 'DELETE' }, 405],
    ['REST', '/user_management/users', {}, 401],
    ['REST for another origin', '/user_management/users', { method: 'POST', headers: foreign }, 403],
    ['a sign-in that cannot be read', '/user_management/authenticate', { method: 'POST', headers: json }, 400],
    ['one in another media type', '/user_management/authenticate', { method: 'POST', body: 'x' }, 415],
    ['one without a key', '/user_management/authenticate', { method: 'POST', headers: json, body: '{}' }, 401],
  ];

  test.each(requests)('%s', async (_what, path, init, status) => {
    const server = await start({ RATE_LIMIT_PER_ADDRESS: '2', CORS_ORIGINS: 'https://app.example.com' });
    const answers = await times(3, () => send(`${server.url}${path}`, init));
    expect(statuses(answers)).toEqual([status, status, 429]);
    expect(Number(answers[2]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answers[2]?.text).toMatch(/"code":"rate_limited"/i);
  });

  test('but probes, which may come through the proxy of everybody', async () => {
    const server = await start({ RATE_LIMIT_PER_ADDRESS: '2' });
    for (const path of ['/health', '/ready']) {
      expect(statuses(await times(10, () => send(`${server.url}${path}`)))).toEqual(Array(10).fill(200));
    }
    expect((await send(`${server.url}/openapi.json`)).status).toBe(200);
  });

  test('but the keys, which services need that verify tokens behind an address where somebody sends garbage', async () => {
    const server = await start({ RATE_LIMIT_PER_ADDRESS: '2' });
    await makeSignedIn(server); // the first sign-in makes the first key
    await times(2, () => post(server.url, 'a.b.c', question));
    expect((await post(server.url, 'a.b.c', question)).status).toBe(429);
    for (const path of ['/.well-known/jwks.json', '/sso/jwks/client_1']) {
      const answers = await times(3, () => send(`${server.url}${path}`));
      expect(statuses(answers)).toEqual([200, 200, 200]);
      expect(JSON.parse(answers[0]?.text ?? '').keys).not.toEqual([]);
      expect((await send(`${server.url}${path}`, { method: 'DELETE' })).status).toBe(429);
    }
  });

  test('and a backend that signs its users in by REST does not, while its key is valid', async () => {
    const server = await start({ RATE_LIMIT_PER_ADDRESS: '2' });
    const body = {
      client_id: 'x',
      client_secret: server.key,
      grant_type: 'password',
      email: 'a@b.example',
      password: 'x',
    };
    const init = { method: 'POST', headers: json, body: JSON.stringify(body) };
    const answers = await times(4, () => send(`${server.url}/user_management/authenticate`, init));
    expect(statuses(answers)).toEqual(Array(4).fill(400));
  });
});

describe('X-Forwarded-For', () => {
  const from = (server: TestServer, list: string) => anonymous(server, { 'x-forwarded-for': list });

  test('does not help without TRUST_PROXY', async () => {
    const server = await start({ RATE_LIMIT_PER_ADDRESS: '2' });
    const answers = [];
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) answers.push(await from(server, address));
    expect(statuses(answers)).toEqual([200, 200, 429]);
  });

  test('is read from the right, so what the client wrote itself does not help', async () => {
    const server = await start({ RATE_LIMIT_PER_ADDRESS: '2', TRUST_PROXY: '2' });
    const answers = [];
    for (const own of ['', '198.51.100.1, ', '203.0.113.9, 198.51.100.2, ']) {
      answers.push(await from(server, `${own}192.0.2.1, 10.0.0.1`));
    }
    expect(statuses(answers)).toEqual([200, 200, 429]);
    expect((await from(server, '192.0.2.2, 10.0.0.1')).status).toBe(200);
  });

  test('may have ports, and nonsense in it counts as the connection', async () => {
    const server = await start({ RATE_LIMIT_PER_ADDRESS: '2', TRUST_PROXY: '1' });
    expect(statuses([await from(server, '192.0.2.1:4711'), await from(server, '192.0.2.1')])).toEqual([200, 200]);
    expect((await from(server, '192.0.2.1:4712')).status).toBe(429);
    expect(statuses([await from(server, 'unknown'), await anonymous(server), await from(server, '')])).toEqual([
      200, 200, 429,
    ]);
  });

  test('holds a whole IPv6 network to one limit', async () => {
    const server = await start({ RATE_LIMIT_PER_ADDRESS: '2', TRUST_PROXY: '1' });
    const answers = [];
    for (const address of ['2001:db8::1', '2001:DB8:0:0:1::', '[2001:db8::ffff:2]:4711'])
      answers.push(await from(server, address));
    expect(statuses(answers)).toEqual([200, 200, 429]);
    expect((await from(server, '2001:db8:0:1::1')).status).toBe(200);
    const embedded = ['192.0.2.7', '::ffff:192.0.2.7', '192.0.2.7'];
    expect(statuses(await Promise.all(embedded.map((address) => from(server, address)))).sort()).toEqual([
      200, 200, 429,
    ]);
  });

  test('names the address in the sessions of users', async () => {
    const server = await start({ TRUST_PROXY: '1' });
    const { userId, email } = await makeSignedIn(server);
    const query = `mutation { authenticateWithPassword(email: "${email}", password: "${password}") { accessToken } }`;
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.1, 192.0.2.44' };
    await send(`${server.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
    const sessions = await server.app.db.reader.session.findMany({ where: { userId } });
    expect(sessions.map(({ ipAddress }) => ipAddress)).toContain('192.0.2.44');
  });
});

describe('beyond the limit of sign-ins that succeed', () => {
  const attempt = ({ url }: TestServer, email: string, given: string, headers: Record<string, string> = {}) => {
    const query = `mutation { authenticateWithPassword(email: "${email}", password: "${given}") { accessToken } }`;
    const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } };
    return send(`${url}/graphql`, { ...init, body: JSON.stringify({ query }) });
  };
  const codeOf = ({ errors }: Answer) => errors?.[0]?.extensions.code;
  const from = (address: string) => ({ 'x-forwarded-for': address });

  test('an address waits, whoever signs in, and starts no session; others do not', async () => {
    const server = await start({ SIGN_INS_PER_ADDRESS: '2', TRUST_PROXY: '1' });
    const [ada, bob] = [await makeSignedIn(server), await makeSignedIn(server)];
    for (const { email } of [ada, bob]) {
      expect((await attempt(server, email, password, from('192.0.2.1'))).errors).toBeUndefined();
    }
    const { errors, headers } = await attempt(server, ada.email, password, from('192.0.2.1'));
    expect(errors).toMatchObject([
      {
        message: expect.stringMatching(/^Too many sign-ins from this address: 2 a minute are allowed\. Try again in/),
        extensions: { code: 'RATE_LIMITED', retryAfterSeconds: Number(headers.get('retry-after')) },
      },
    ]);
    expect(await server.app.db.reader.session.count({ where: { userId: ada.userId } })).toBe(2);
    expect((await attempt(server, ada.email, password, from('192.0.2.2'))).errors).toBeUndefined();
    expect((await post(server.url, ada.accessToken, question)).status).toBe(200);
  });

  test('wrong passwords neither count nor are forgiven', async () => {
    const server = await start({ SIGN_INS_PER_ADDRESS: '1', SIGN_IN_FAILURES_PER_ADDRESS: '3' });
    const { email } = await makeSignedIn(server);
    for (let i = 0; i < 2; i += 1) expect(codeOf(await attempt(server, email, 'wrong'))).toBe('INVALID_CREDENTIALS');
    expect((await attempt(server, email, password)).errors).toBeUndefined();
    for (let i = 0; i < 3; i += 1) expect(codeOf(await attempt(server, email, 'wrong'))).toBe('INVALID_CREDENTIALS');
    const again = await attempt(server, email, password);
    expect(codeOf(again)).toBe('RATE_LIMITED');
    expect(codeOf(await attempt(server, email, 'wrong'))).toBe('RATE_LIMITED');
  });

  test('a backend’s users count by the address that it sends, and without one there is no limit', async () => {
    const server = await start({ SIGN_INS_PER_ADDRESS: '2' });
    const { email } = await makeSignedIn(server);
    const signInFrom = (ip?: string) =>
      send(`${server.url}/user_management/authenticate`, {
        method: 'POST',
        headers: jsonHeaders(server.key),
        body: JSON.stringify({ grant_type: 'password', email, password, ...(ip && { ip_address: ip }) }),
      });
    expect(statuses(await times(3, () => signInFrom('192.0.2.1')))).toEqual([200, 200, 429]);
    expect((await signInFrom('192.0.2.2')).status).toBe(200);
    expect(statuses(await times(3, () => signInFrom()))).toEqual([200, 200, 200]);
    const withKey = { authorization: `Bearer ${server.key}` };
    expect(statuses(await times(3, () => attempt(server, email, password, withKey)))).toEqual([200, 200, 200]);
  });
});

describe('beyond the limit of', () => {
  test('a session, it waits, and neither others of the user nor other users do', async () => {
    const server = await start({ RATE_LIMIT_PER_USER: '2' });
    const [ada, bob] = [await makeSignedIn(server), await makeSignedIn(server)];
    await times(9, () => post(server.url, ada.accessToken, question)); // a thief with one token
    expectLimit(await post(server.url, ada.accessToken, question), /^Too many requests of this session: 2 a minute/);
    expect((await post(server.url, bob.accessToken, question)).status).toBe(200);
    const own = await signInAs(server, ada.email);
    const id = await server.app.db.reader.session.findFirstOrThrow({ select: { id: true }, orderBy: { id: 'asc' } });
    const revoke = 'mutation ($id: ID!) { revokeSession(id: $id) { id } }';
    expect((await post(server.url, own, revoke, id)).errors).toBeUndefined();
    expect((await post(server.url, ada.accessToken, question)).status).toBe(401);
  });

  test('a user, all sessions wait together', async () => {
    const server = await start({ RATE_LIMIT_PER_USER: '2' });
    const { email } = await makeSignedIn(server);
    for (let i = 0; i < 3; i += 1) {
      const token = await signInAs(server, email);
      expect(statuses(await times(2, () => post(server.url, token, question)))).toEqual([200, 200]);
    }
    const answer = await post(server.url, await signInAs(server, email), question);
    expectLimit(answer, /^Too many requests of this user: 6 a minute/);
  });

  test('an API key, where there is one, it waits at both handlers', async () => {
    const server = await start({ RATE_LIMIT_PER_API_KEY: '2' });
    await times(2, () => post(server.url, server.key, question));
    expectLimit(await post(server.url, server.key, question), /^Too many requests with this API key: 2 a minute/);
    expect((await send(`${server.url}/user_management/users`, { headers: jsonHeaders(server.key) })).status).toBe(429);
  });

  test('nobody, where it is 0', async () => {
    const server = await start({
      RATE_LIMIT_PER_ADDRESS: '0',
      RATE_LIMIT_PER_USER: '0',
      SIGN_INS_PER_ADDRESS: '0',
    });
    expect(server.app.rateLimits).toEqual({
      countAddress: null,
      countHolder: null,
      countRefresh: null,
      countApiKey: null,
      countSignIn: null,
    });
  });
});
