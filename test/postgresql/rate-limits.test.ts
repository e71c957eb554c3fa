import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Fleet, startFleetHere } from '../support/fleet.ts';
import { type Answer, post, postUser, send } from '../support/server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let fleet: Fleet;
beforeAll(async () => {
  database = await createTestDatabase();
  fleet = await startFleetHere(2, database.url, {
    RATE_LIMIT_STORE: 'database',
    RATE_LIMIT_PER_ADDRESS: '6',
    RATE_LIMIT_PER_API_KEY: '40',
    SIGN_IN_FAILURES_PER_ADDRESS: '3',
  });
});
afterAll(async () => {
  fleet.assertHealthy();
  await fleet.dispose();
  await database.remove();
});

async function sql(text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  return (await client.query(text).finally(() => client.end())).rows;
}
beforeEach(() => sql('DELETE FROM rate_limits'));

const signIn = (password: string, more = '') =>
  `mutation { authenticateWithPassword(email: "ada@example.com", password: "${password}"${more}) { accessToken } }`;

function anonymous(url: string): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  return send(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query: signIn('x') }) });
}

const urls = () => fleet.servers.map(({ url }) => url) as [string, string];

describe('with RATE_LIMIT_STORE=database', () => {
  test('wrong passwords are counted for all processes together, and a right one clears them for all', async () => {
    const [first, second] = urls();
    const password = 'wkqzvxmrhtbj';
    await postUser(first, fleet.key, { email: 'ada@example.com', emailVerified: true, password });
    const attempt = async (url: string, given: string) =>
      (await post(url, fleet.key, signIn(given, ', ipAddress: "192.0.2.1"'))).errors?.[0]?.extensions.code ?? null;
    expect(await attempt(first, 'wrong')).toBe('INVALID_CREDENTIALS');
    expect(await attempt(second, 'wrong')).toBe('INVALID_CREDENTIALS');
    expect(await attempt(first, password)).toBeNull();
    const codes = [];
    for (const url of [first, second, first, second, first, second]) codes.push(await attempt(url, 'wrong'));
    expect(codes).toEqual([...Array(4).fill('INVALID_CREDENTIALS'), 'RATE_LIMITED', 'RATE_LIMITED']);
  });

  test('requests at once are counted exactly, wherever they arrive', async () => {
    const [first, second] = urls();
    const asked = Array.from({ length: 50 }, (_, n) => post(n % 2 ? first : second, fleet.key, '{ __typename }'));
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(40);
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
  });

  test('who has reached a limit in one process has reached it in the other, and is told how long to wait', async () => {
    const [first, second] = urls();
    for (let i = 0; i < 6; i += 1) expect((await anonymous(first)).status).toBe(200);
    const { status, headers, errors } = await anonymous(second);
    expect(status).toBe(429);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }]);
  });

  test('the table costs no write-ahead log, and is found again by processes that start later', async () => {
    expect(await sql(`SELECT relpersistence FROM pg_class WHERE relname = 'rate_limits'`)).toEqual([
      { relpersistence: 'u' },
    ]);
    const later = await startFleetHere(3, database.url, { RATE_LIMIT_STORE: 'database' }, fleet.key);
    later.assertHealthy();
    await later.dispose();
  });
});
