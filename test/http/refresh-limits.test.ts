import { describe, expect, onTestFinished, test } from 'vitest';
import { type Answer, post, send, startTestServer, type TestServer } from '../support/server.ts';
import { makeSignedIn, signIn } from '../support/sessions.ts';

async function start(settings: Record<string, string>): Promise<TestServer> {
  const server = await startTestServer({ LOG_LEVEL: 'silent', ...settings });
  onTestFinished(server.close);
  return server;
}

async function times(count: number, ask: () => Promise<Answer>): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < count; i += 1) statuses.push((await ask()).status);
  return statuses;
}

function expectLimit({ status, errors }: Answer, message: RegExp) {
  const extensions = { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) };
  expect([status, errors]).toEqual([429, [{ message: expect.stringMatching(message), extensions }]]);
}

const refresh = ({ url }: TestServer, body: object) =>
  send(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const nextToken = ({ data }: Answer) =>
  (data?.refreshSession as { refreshToken: string } | undefined)?.refreshToken ?? '';
const inline = (token: string, more = '') => ({
  query: `mutation { refreshSession(refreshToken: "${token}") { accessToken refreshToken } ${more} }`,
});
const asVariable = (token: string) => ({
  query: 'mutation ($t: String!) { refreshSession(refreshToken: $t) { accessToken refreshToken } }',
  variables: { t: token },
});
const anonymous = (server: TestServer) => refresh(server, inline('nobody'));

describe('a refresh', () => {
  test('with a valid token is answered whatever its address has sent, and does not count there', async () => {
    const server = await start({ RATE_LIMIT_PER_ADDRESS: '3' });
    const { refreshToken } = await makeSignedIn(server);
    let token = refreshToken;
    for (let i = 0; i < 10; i += 1) {
      token = nextToken(await refresh(server, i % 2 ? inline(token) : asVariable(token)));
      expect(token).toMatch(/^rt_/);
      if (i === 4) expect(await times(4, () => anonymous(server))).toEqual([200, 200, 200, 429]);
    }
  });

  test('with a forged token, one whose session has ended, or something beside it waits', async () => {
    const server = await start({ RATE_LIMIT_PER_ADDRESS: '2' });
    const [{ refreshToken: valid }, ended] = [await makeSignedIn(server), await makeSignedIn(server)];
    const where = { id: ended.sessionId };
    await server.app.db.transaction((tx) => tx.prisma.session.update({ where, data: { endedAt: new Date() } }));
    await times(2, () => anonymous(server));
    const forged = `${valid.slice(0, -5)}xxxxx`;
    for (const token of [forged, ended.refreshToken, valid.replace('rt_0', 'rt_1'), 'rt_', `rt_${'a'.repeat(43)}`]) {
      for (const body of [inline(token), asVariable(token)])
        expectLimit(await refresh(server, body), /from this address/);
    }
    const besides = 'authenticateWithPassword(email: "a@example.com", password: "x") { accessToken }';
    expectLimit(await refresh(server, inline(valid, besides)), /from this address/);
    for (const variables of [null, [], { t: 1 }, { T: valid }, 'rt_'])
      expectLimit(await refresh(server, { ...asVariable(valid), variables, extensions: { x: 'rt_' } }), /from this/);
    expect((await refresh(server, inline(valid))).errors).toBeUndefined();
  });

  test('counts by its session, whose share whoever has stolen an access token does not use up', async () => {
    const server = await start({ RATE_LIMIT_PER_USER: '2' });
    const { accessToken, refreshToken, email } = await makeSignedIn(server);
    const other = await signIn(server, email);
    expect(await times(3, () => post(server.url, accessToken, '{ __typename }'))).toEqual([200, 200, 429]);
    let token = refreshToken;
    for (let i = 0; i < 2; i += 1) token = nextToken(await refresh(server, inline(token)));
    expectLimit(await refresh(server, inline(token)), /: 2 a minute are allowed/);
    expect((await refresh(server, inline(other.refreshToken))).errors).toBeUndefined();
  });
});
