import { beforeAll, expect, test } from 'vitest';
import { request, useRestServer } from '../support/rest.ts';
import { makeUser } from '../support/users.ts';

const t = useRestServer();
/** Oldest first; `u1` to `u7`. */
const ids: string[] = [];
const name = (id: string | null) => (id === null ? null : `u${ids.indexOf(id) + 1}`);

beforeAll(async () => {
  for (let i = 1; i <= 7; i += 1) ids.push((await makeUser(t.server.app, { email: `u${i}@list.example.com` })).id);
});

/** A page by the names of its users; `after=u3` in the query stands for the id of u3. */
async function page(query: string) {
  const search = query.replaceAll(/=u(\d)/g, (_, i) => `=${ids[Number(i) - 1]}`);
  const { status, body } = await request(t, 'GET', `/user_management/users?${search}`);
  expect([status, body.object]).toEqual([200, 'list']);
  const { before, after } = body.list_metadata;
  const users = body.data.map(({ id }: { id: string }) => name(id));
  return `${users.join(' ')} | before ${name(before)} | after ${name(after)}`;
}

test.each([
  ['limit=3', 'u7 u6 u5 | before null | after u5'],
  ['limit=3&order=desc&after=u5', 'u4 u3 u2 | before u4 | after u2'],
  ['limit=3&after=u2', 'u1 | before u1 | after null'],
  ['limit=3&after=u1', ' | before null | after null'],
  ['limit=2&before=u3', 'u5 u4 | before u5 | after u4'],
  ['limit=4&before=u3', 'u7 u6 u5 u4 | before null | after u4'],
  ['limit=3&before=u7', ' | before null | after null'],
  ['limit=3&order=asc', 'u1 u2 u3 | before null | after u3'],
  ['limit=3&order=asc&after=u3', 'u4 u5 u6 | before u4 | after u6'],
  ['limit=3&order=asc&after=u6', 'u7 | before u7 | after null'],
  ['limit=2&order=asc&before=u4', 'u2 u3 | before u2 | after u3'],
  ['limit=7', 'u7 u6 u5 u4 u3 u2 u1 | before null | after null'],
  ['after=u6&before=u2', 'u5 u4 u3 | before u5 | after u3'],
  ['limit=2&after=u6&before=u2', 'u5 u4 | before u5 | after u4'],
  ['email=U4@LIST.example.com', 'u4 | before null | after null'],
  ['email=nobody@list.example.com', ' | before null | after null'],
  // Newest first, but `before` leads to older users and `after` to newer ones.
  ['limit=3&order=normal', 'u7 u6 u5 | before u5 | after null'],
  ['limit=3&order=normal&before=u5', 'u4 u3 u2 | before u2 | after u4'],
  ['limit=3&order=normal&before=u2', 'u1 | before null | after u1'],
  ['limit=2&order=normal&after=u3', 'u5 u4 | before u4 | after u5'],
  ['limit=4&order=normal&after=u3', 'u7 u6 u5 u4 | before u4 | after null'],
])('%s', async (query, expected) => {
  expect(await page(query)).toBe(expected);
});

test('goes on from the id of a user who was deleted, in both directions', async () => {
  const gone = (await makeUser(t.server.app)).id;
  const later = (await makeUser(t.server.app)).id;
  await request(t, 'DELETE', `/user_management/users/${gone}`);
  expect(await page(`limit=2&after=${gone}`)).toBe('u7 u6 | before u7 | after u6');
  expect(await page(`limit=2&order=asc&before=${gone}`)).toBe('u6 u7 | before u6 | after u7');
  await request(t, 'DELETE', `/user_management/users/${later}`);
  expect(await page('limit=2&after=user_01E4ZCR3C56J083X43JQXF3JK5')).toBe(' | before null | after null');
});

test.each(['after=&limit=3', 'before&after&limit=3'])('%s: an empty cursor is none', async (query) => {
  expect(await page(query)).toBe('u7 u6 u5 | before null | after u5');
});

test('has 10 users where no limit is given', async () => {
  const more = await Promise.all(Array.from({ length: 5 }, () => makeUser(t.server.app)));
  const { body } = await request(t, 'GET', '/user_management/users');
  expect(body.data).toHaveLength(10);
  for (const { id } of more) await request(t, 'DELETE', `/user_management/users/${id}`);
});

test.each([
  ['limit=0', 'limit: Expected a whole number from 1 to 100.'],
  ['limit=101', 'limit: Expected a whole number from 1 to 100.'],
  ['limit=ten', 'limit: Expected a whole number from 1 to 100.'],
  ['limit=1e1', 'limit: Expected a whole number from 1 to 100.'],
  ['limit=', 'limit: Expected a whole number from 1 to 100.'],
  ['limit=1&limit=2', 'limit: This was given more than once.'],
  ['order=newest', 'order: Expected one of normal, desc, asc.'],
  ['after=user_01E4ZCR3C56J083X43JQXF3JK', 'after: Expected an id that begins with user_.'],
  ['after=session_01E4ZCR3C56J083X43JQXF3JK5', 'after: Expected an id that begins with user_.'],
  ['before=nonsense', 'before: Expected an id that begins with user_.'],
  ['before=%00', 'before: Expected an id that begins with user_.'],
  ['organization_id=org_1', 'organization_id: There is no such field.'],
  ['limit=0&order=x', 'limit: Expected a whole number from 1 to 100. order: Expected one of normal, desc, asc.'],
])('%s is refused by name', async (query, message) => {
  const { status, body } = await request(t, 'GET', `/user_management/users?${query}`);
  expect(status).toBe(422);
  expect(body).toMatchObject({ code: 'invalid_request_parameters', message });
});
