import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { ListUsers } from '../support/documents.ts';
import { makeUser } from '../support/users.ts';

let t: TestApp;
const ids: string[] = [];
beforeAll(async () => {
  t = await createTestApp();
  for (let i = 0; i < 25; i += 1) {
    const frozen = { ...t.app, now: () => new Date(Date.UTC(2040, 0, 1, 0, 0, Math.floor(i / 5))) };
    ids.push((await makeUser(frozen, { emailVerified: i % 3 === 0, email: `Page${i}@example.com` })).id);
  }
});
afterAll(() => t.close());

type Args = Parameters<typeof list>[0];
async function list(args: {
  first?: number | null;
  last?: number | null;
  after?: string | null;
  before?: string | null;
  filter?: Record<string, unknown>;
  orderBy?: 'CREATED_AT_ASC' | 'CREATED_AT_DESC';
}) {
  const { data, errors } = await t.graphql(ListUsers, args);
  return { ids: data?.users.edges.map(({ node }) => node.id), page: data?.users.pageInfo, errors };
}

describe('paging', () => {
  test.each<[string, Args, string[]]>([
    ['oldest first, forwards', { orderBy: 'CREATED_AT_ASC', first: 7 }, ids],
    ['newest first, forwards', { orderBy: 'CREATED_AT_DESC', first: 10 }, ids],
    ['newest first is the default', { first: 25 }, ids],
  ])('%s: every user once and in order', async (_name, args) => {
    const seen: string[] = [];
    let after: string | null | undefined;
    for (let more = true; more; ) {
      const { ids: found = [], page } = await list({ ...args, after: after ?? null });
      expect(page?.hasPreviousPage).toBe(seen.length > 0);
      seen.push(...found);
      after = page?.endCursor;
      more = page?.hasNextPage ?? false;
    }
    expect(seen).toEqual(args.orderBy === 'CREATED_AT_ASC' ? ids : [...ids].reverse());
  });

  test('backwards: every user once, each page in the order of the list', async () => {
    const pages: string[][] = [];
    let before: string | null | undefined;
    for (let more = true; more; ) {
      const { ids: found = [], page } = await list({ orderBy: 'CREATED_AT_ASC', last: 4, before: before ?? null });
      pages.unshift(found);
      expect(page?.hasNextPage).toBe(before !== undefined);
      before = page?.startCursor;
      more = page?.hasPreviousPage ?? false;
    }
    expect(pages.flat()).toEqual(ids);
  });

  test('between two cursors', async () => {
    const [after, before] = [ids[3] ?? '', ids[8] ?? ''];
    const { ids: found } = await list({ orderBy: 'CREATED_AT_ASC', first: 100, after, before });
    expect(found).toEqual(ids.slice(4, 8));
  });

  test('a cursor still works when its user is gone', async () => {
    const newest = { ...t.app, now: () => new Date(Date.UTC(2040, 0, 1, 0, 1)) };
    const gone = await makeUser(newest);
    await t.app.db.transaction((tx) => tx.prisma.user.delete({ where: { id: gone.id } }));
    expect((await list({ first: 1, after: gone.id })).ids).toEqual(ids.slice(-1));
  });

  test('without first or last there are 20', async () => {
    expect((await list({})).ids).toHaveLength(20);
  });

  test.each<[string, Args, string]>([
    ['first: 0', { first: 0 }, 'first'],
    ['first: 101', { first: 101 }, 'first'],
    ['last: -1', { last: -1 }, 'last'],
    ['both first and last', { first: 1, last: 1 }, 'last'],
    ['a cursor of something else', { after: 'identity_1' }, 'after'],
    ['an empty cursor', { before: '' }, 'before'],
  ])('%s is refused, naming the argument', async (_name, args, field) => {
    const { errors } = await list(args);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_REQUEST_PARAMETERS', field });
  });
});

describe('filters', () => {
  test('by email, in any case', async () => {
    expect((await list({ filter: { email: ' PAGE7@EXAMPLE.COM' } })).ids).toEqual([ids[7]]);
    expect((await list({ filter: { email: 'nobody@example.com' } })).ids).toEqual([]);
    expect((await list({ filter: { email: 'nonsense' } })).errors?.[0]?.extensions.code).toBe('INVALID_EMAIL');
  });

  test('by emailVerified, across pages', async () => {
    const verified = ids.filter((_, i) => i % 3 === 0);
    const first = await list({ orderBy: 'CREATED_AT_ASC', first: 5, filter: { emailVerified: true } });
    const rest = await list({
      orderBy: 'CREATED_AT_ASC',
      first: 5,
      filter: { emailVerified: true },
      after: first.page?.endCursor ?? '',
    });
    expect([...(first.ids ?? []), ...(rest.ids ?? [])]).toEqual(verified);
    expect(rest.page?.hasNextPage).toBe(false);
  });

  test('by time of creation: from is inclusive, before is not', async () => {
    const filter = { createdFrom: '2040-01-01T00:00:01.000Z', createdBefore: '2040-01-01T00:00:03.000Z' };
    expect((await list({ orderBy: 'CREATED_AT_ASC', first: 100, filter })).ids).toEqual(ids.slice(5, 15));
    const both = { ...filter, emailVerified: true };
    expect((await list({ first: 100, filter: both })).ids).toEqual([ids[12], ids[9], ids[6]]);
    expect((await list({ filter: { createdBefore: '1960-01-01T00:00:00Z' } })).ids).toEqual([]);
  });

  test('totalCount counts what matches the filter', async () => {
    const { data } = await t.graphql('{ users(first: 1, filter: { emailVerified: true }) { totalCount } }');
    expect(data).toEqual({ users: { totalCount: 9 } });
  });
});

test('ids sort as creation does, and carry its time', async () => {
  const users = await t.app.db.reader.user.findMany({ orderBy: { id: 'asc' } });
  const times = users.map(({ createdAt }) => createdAt.getTime());
  expect([...times].sort((a, b) => a - b)).toEqual(times);
});
