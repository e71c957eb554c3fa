import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseOptions } from '../../src/db/database-options.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { openRecorded } from '../support/recording.ts';
import { linkAddresses, makeUser } from '../support/users.ts';

let t: TestApp;
let id: string;
let calls: string[] = [];

beforeAll(async () => {
  t = await createTestApp();
  const recorded = await openRecorded(databaseOptions(t.app.config), ({ sql }) => calls.push(sql));
  await t.app.db.close();
  Object.assign(t.app.db, recorded);
  for (let i = 0; i < 12; i += 1) {
    const user = await makeUser(t.app, { externalId: `query-${i}`, email: `query${i}@example.com` });
    await linkAddresses(t.app, user.id, [user.email, null]);
    id = user.id;
  }
});
afterAll(() => t.close());

async function countQueries(document: string): Promise<number> {
  await t.graphql('{ __typename }');
  calls = [];
  const { errors } = await t.graphql(document);
  expect(errors).toBeUndefined();
  return calls.filter((sql) => !sql.includes('api_keys')).length;
}

describe('the number of queries does not grow with the number of users', () => {
  test.each([
    ['a page', '{ users(first: 3) { edges { node { id } } } }', 1],
    ['a page with identities', '{ users(first: 3) { edges { node { id identities { id } } } } }', 2],
    ['a long page with identities', '{ users(first: 12) { edges { node { id identities { id } } } } }', 2],
    ['a long page with sessions', '{ users(first: 12) { edges { node { sessions { id status } } } } }', 3],
    ['identities under an alias', '{ users(first: 12) { edges { node { a: identities { id } } } } }', 2],
    [
      'identities under two aliases',
      '{ users(first: 12) { edges { node { a: identities { id } b: identities { email } } } } }',
      2,
    ],
    [
      'two pages',
      '{ a: users(first: 12) { edges { node { identities { id } } } } b: users(last: 5) { edges { node { identities { id } } } } }',
      4,
    ],
    [
      'a page in a fragment',
      '{ users(first: 12) { ...Page } } fragment Page on UserConnection { edges { node { identities { id } } } }',
      2,
    ],
    ['no count unless asked for', '{ users(first: 12) { pageInfo { hasNextPage endCursor } edges { cursor } } }', 1],
    ['a count when asked for', '{ users(first: 12) { totalCount edges { cursor } } }', 2],
  ])('%s', async (_name, document, expected) => {
    expect(await countQueries(document)).toBe(expected);
    expect(calls.join('\n')).not.toMatch(/OFFSET [1-9]/);
  });

  test('one user with identities: by id, by address, by external id', async () => {
    expect(await countQueries(`{ user(id: "${id}") { id identities { id } } }`)).toBe(2);
    expect(await countQueries('{ userByEmail(email: "query3@example.com") { id identities { id } } }')).toBe(2);
    expect(await countQueries('{ userByExternalId(externalId: "query-3") { id identities { id } } }')).toBe(2);
  });

  test('an update is three statements besides what records it, and reads nothing afterwards', async () => {
    const document = `mutation { updateUser(id: "${id}", input: { name: "Q" }) { id name identities { id email } } }`;
    await countQueries(document);
    const recording = /INSERT INTO \S*(events|event_sequences|webhook_deliveries) /;
    expect(calls.filter((sql) => !recording.test(sql)).map((sql) => sql.slice(0, 6))).toEqual([
      'SELECT',
      'SELECT',
      'UPDATE',
    ]);
    expect(calls.filter((sql) => recording.test(sql)).length).toBeLessThanOrEqual(3);
  });
});

test('look-ups answer null for what is not there, and find by any case of the address', async () => {
  const { data } = await t.graphql(`{
    a: user(id: "user_00000000000000000000000000") { id }
    b: userByEmail(email: "nobody@example.com") { id }
    c: userByExternalId(externalId: "nothing") { id }
    d: userByExternalId(externalId: "\\u0000") { id }
    e: userByEmail(email: " QUERY3@example.com") { externalId }
  }`);
  expect(data).toEqual({ a: null, b: null, c: null, d: null, e: { externalId: 'query-3' } });
});
