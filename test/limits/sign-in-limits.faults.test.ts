import { describe, expect, onTestFinished, test } from 'vitest';
import { createBudget } from '../../src/limits/budget.ts';
import { createLimiters } from '../../src/limits/limiters.ts';
import { jsonHeaders, post, send, startTestServer, type TestServer } from '../support/server.ts';
import { newAddress } from '../support/users.ts';

const password = 'the right passphrase';

async function start(settings: Record<string, string> = {}): Promise<TestServer> {
  const server = await startTestServer({
    LOG_LEVEL: 'silent',
    TRUST_PROXY: '1',
    PASSWORD_HASH_QUEUE: '1000',
    ...settings,
  });
  onTestFinished(server.close);
  return server;
}

async function makeVictim({ graphql }: TestServer): Promise<{ id: string; email: string }> {
  const email = newAddress();
  const create = 'mutation ($input: CreateUserInput!) { createUser(input: $input) { id } }';
  const { data } = await graphql<{ createUser: { id: string } }, object>(create, {
    input: { email, emailVerified: true, password },
  });
  return { id: data?.createUser.id ?? '', email };
}

const signInDocument = `mutation ($email: EmailAddress!, $password: String!, $ipAddress: String) {
  authenticateWithPassword(email: $email, password: $password, ipAddress: $ipAddress) { accessToken }
}`;

/** What came of it: an access token, or the code of the error. */
interface Outcome {
  readonly token?: string;
  readonly code?: string;
}

/** As a browser does, from an address; with an access token of the caller's own, if one is given. */
async function signIn(
  server: TestServer,
  address: string,
  email: string,
  given = password,
  token?: string,
): Promise<Outcome> {
  const headers = { ...(token && { authorization: `Bearer ${token}` }), 'x-forwarded-for': address };
  const query = signInDocument.replace(', $ipAddress: String', '').replace(', ipAddress: $ipAddress', '');
  return outcomeOf(
    await send(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables: { email, password: given } }),
    }),
  );
}

/** As a backend does, over GraphQL; it may say whom it asks for. */
async function signInByKey(server: TestServer, email: string, given = password, ipAddress?: string): Promise<Outcome> {
  return outcomeOf(await post(server.url, server.key, signInDocument, { email, password: given, ipAddress }));
}

/** As a backend does, over REST. */
async function signInByRest(server: TestServer, email: string, given = password, ip?: string): Promise<Outcome> {
  const body = {
    client_id: 'client_any',
    grant_type: 'password',
    email,
    password: given,
    ...(ip && { ip_address: ip }),
  };
  const { text } = await send(`${server.url}/user_management/authenticate`, {
    method: 'POST',
    headers: jsonHeaders(server.key),
    body: JSON.stringify(body),
  });
  const { access_token: token, code } = JSON.parse(text);
  return { token, code: code?.toUpperCase() };
}

function outcomeOf({
  data,
  errors,
}: {
  data?: Record<string, unknown> | null;
  errors?: { extensions: { code: string } }[];
}) {
  const granted = data?.authenticateWithPassword as { accessToken: string } | undefined;
  return granted ? { token: granted.accessToken } : { code: errors?.[0]?.extensions.code ?? 'none' };
}

const compared = (outcomes: Outcome[]) => outcomes.filter(({ code }) => code === 'INVALID_CREDENTIALS').length;

/** Guesses without a pause, some at a time, until it is told to stop; answers what came of each. */
function attack(guess: (n: number) => Promise<Outcome>, atOnce = 4): { stop: () => Promise<Outcome[]> } {
  const outcomes: Outcome[] = [];
  let goesOn = true;
  const one = async () => {
    while (goesOn) outcomes.push(await guess(outcomes.length));
  };
  const all = Array.from({ length: atOnce }, one);
  return {
    async stop() {
      goesOn = false;
      await Promise.all(all);
      return outcomes;
    },
  };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition()));
}

describe('whoever guesses at one address from one network', () => {
  test('keeps its owner out nowhere else, neither directly nor through a backend, nor from a change of password', async () => {
    const server = await start();
    const { id, email } = await makeVictim(server);
    const { token } = await signIn(server, '198.51.100.7', email);
    const attacker = attack(() => signIn(server, '203.0.113.9', email, 'a guess'));
    await until(async () => (await signIn(server, '203.0.113.9', email, 'a guess')).code === 'RATE_LIMITED');

    for (let i = 0; i < 5; i += 1) {
      expect(await signIn(server, '192.0.2.44', email)).toHaveProperty('token');
      expect(await signInByKey(server, email)).toHaveProperty('token');
      expect(await signInByKey(server, email, password, '192.0.2.45')).toHaveProperty('token');
      expect((await signInByRest(server, email)).token).toBeDefined();
      expect((await signInByRest(server, email, password, '192.0.2.46')).token).toBeDefined();
    }
    const change = 'mutation ($id: ID!, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { id } }';
    const input = { password: 'another good passphrase', currentPassword: password };
    expect(await post(server.url, token ?? '', change, { id, input })).toMatchObject({ data: { updateUser: { id } } });

    const outcomes = await attacker.stop();
    expect(outcomes.length).toBeGreaterThan(20);
    expect(compared(outcomes)).toBeLessThanOrEqual(12);
  });

  test('gets no more guesses by asking in parallel, or with access tokens of their own', async () => {
    const server = await start();
    const [{ email }, own, other] = [await makeVictim(server), await makeVictim(server), await makeVictim(server)];
    const network = '203.0.113.9';
    const tokens = [
      undefined,
      ...(await Promise.all([own, other].map(async (user) => (await signIn(server, network, user.email)).token))),
    ];
    const guesses = Array.from({ length: 60 }, (_, i) => signIn(server, network, email, 'a guess', tokens[i % 3]));
    expect(compared(await Promise.all(guesses))).toBe(11); // ten, and the first of the trickle
  });

  test('through a backend that says whose address it is, is limited like everybody, and nobody else is', async () => {
    const server = await start();
    const { email } = await makeVictim(server);
    for (const by of [signInByKey, signInByRest]) {
      const address = by === signInByKey ? '203.0.113.9' : '203.0.113.10';
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => by(server, email, 'a guess', address)));
      expect(compared(outcomes)).toBe(11);
      expect((await by(server, email, password, '192.0.2.44')).token).toBeDefined();
    }
  });
});

describe('whoever guesses at one address from many networks', () => {
  const settings = { SIGN_IN_FAILURES_PER_ADDRESS_FROM_STRANGERS: '30' };
  const networkOf = (n: number) => `203.0.${n % 200}.1`;

  test('gets as many guesses as strangers have in all, while networks that the owner has used get in', async () => {
    const server = await start(settings);
    const { email } = await makeVictim(server);
    await signIn(server, '198.51.100.7', email);
    await signInByRest(server, email, password, '198.51.100.8');
    const attacker = attack((n) => signIn(server, networkOf(n), email, 'a guess'));
    await until(async () => (await signIn(server, '192.0.2.1', email, 'a guess')).code === 'RATE_LIMITED');

    for (let i = 0; i < 5; i += 1) {
      expect(await signIn(server, '198.51.100.7', email)).toHaveProperty('token');
      expect(await signInByKey(server, email, password, '198.51.100.7')).toHaveProperty('token');
      expect((await signInByRest(server, email, password, '198.51.100.8')).token).toBeDefined();
    }
    const outcomes = await attacker.stop();
    expect(outcomes.length).toBeGreaterThan(40);
    expect(compared(outcomes)).toBeLessThanOrEqual(30);
  });

  test('finds nothing out about who exists: an unknown address is limited alike', async () => {
    const server = await start(settings);
    const { email } = await makeVictim(server);
    for (const address of [email, newAddress()]) {
      const outcomes: Outcome[] = [];
      for (let n = 0; n < 40; n += 1) outcomes.push(await signIn(server, networkOf(n), address, 'a guess'));
      expect(outcomes.map(({ code }) => code)).toEqual([
        ...Array(30).fill('INVALID_CREDENTIALS'),
        ...Array(10).fill('RATE_LIMITED'),
      ]);
    }
  });
});

describe('one backend', () => {
  test('is not stopped by wrong passwords of its users, unless it is given a limit', async () => {
    const server = await start({ SIGN_IN_FAILURES_PER_CALLER: '20' });
    const { email } = await makeVictim(server);
    await Promise.all(Array.from({ length: 60 }, () => signInByKey(server, newAddress(), 'a guess')));
    await Promise.all(Array.from({ length: 60 }, () => signInByRest(server, newAddress(), 'a guess', '203.0.113.9')));
    expect(await signInByKey(server, email)).toHaveProperty('token');
    expect((await signInByRest(server, email, password, '192.0.2.44')).token).toBeDefined();

    const limited = await start({ SIGN_IN_FAILURES_PER_API_KEY: '20' });
    const guesses = await Promise.all(Array.from({ length: 40 }, () => signInByKey(limited, newAddress(), 'a guess')));
    expect(compared(guesses)).toBeGreaterThanOrEqual(20); // and one a second
    expect(compared(guesses)).toBeLessThan(40);
  });

  test('alone may say whose address it is', async () => {
    const server = await start();
    const { email } = await makeVictim(server);
    const body = JSON.stringify({ query: signInDocument, variables: { email, password, ipAddress: '192.0.2.1' } });
    const headers = { 'content-type': 'application/json' };
    const { errors } = await send(`${server.url}/graphql`, { method: 'POST', headers, body });
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', field: 'ipAddress' } }]);
  });

  test('sees where its users signed in from', async () => {
    const server = await start();
    const { id, email } = await makeVictim(server);
    await signInByKey(server, email, password, '192.0.2.45');
    const sessions = await server.app.db.reader.session.findMany({ where: { userId: id } });
    expect(sessions.map(({ ipAddress }) => ipAddress)).toEqual(['192.0.2.45']);
  });
});

test('credentials that do not count, from the same address, shut no valid one out', async () => {
  const server = await start({ RATE_LIMIT_PER_ADDRESS: '3' });
  const { email } = await makeVictim(server);
  const { token = '' } = await signIn(server, '127.0.0.1', email);
  const statuses = [];
  for (let i = 0; i < 5; i += 1) statuses.push((await post(server.url, 'a.b.c', '{ viewer { id } }')).status);
  expect(statuses.slice(-2)).toEqual([429, 429]);
  for (const credential of [token, server.key]) {
    expect((await post(server.url, credential, '{ __typename }')).status).toBe(200);
  }
});

test('attempts that are given back leave nothing behind, and give nobody more than there is', async () => {
  const limiters: { get(key: string): Promise<unknown> }[] = [];
  const inMemory = createLimiters(null);
  const options = { keyPrefix: 'test', points: 2, windowSeconds: 600, message: 'Too many.' };
  const limiter = createBudget((options) => {
    const made = inMemory(options);
    limiters.push(made);
    return made;
  }, options);
  for (let i = 0; i < 5; i += 1) {
    await limiter.take('a');
    await limiter.giveBack('a');
  }
  await limiter.giveBack('a'); // its window ended meanwhile
  expect(await limiters[0]?.get('a')).toBeNull();
  await limiter.take('a');
  await limiter.take('a');
  await expect(limiter.take('a')).rejects.toMatchObject({ code: 'rate_limited' });
});
