import { encodeTime } from 'ulid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Identity, StoredEvent, User } from '../../src/db/database.ts';
import { deleteUser } from '../../src/users/delete.ts';
import { updateUser } from '../../src/users/update.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { readEvents } from '../support/events.ts';
import { linkAddresses, makeUser } from '../support/users.ts';
import { waitFor } from '../support/wait.ts';

let t: TestApp;
let users: (User & { identities: Identity[] })[];

const addresses = ['Ada', 'adam', 'ADA.LOVELACE', 'bo', 'straße', 'ὈΔΥΣΣΕΎΣ', 'ada\u{1F600}', 'z', 'ad%', 'ae_'];
const pick = <T>(of: readonly T[], i: number) => of[i % of.length] as T;

beforeAll(async () => {
  t = await createTestApp();
  for (let i = 0; i < 48; i += 1) {
    const address = `${pick(addresses, i)}${i >= addresses.length ? i : ''}@example.com`;
    const { id } = await makeUser(t.app, {
      email: address,
      externalId: i % 4 === 0 ? `customer-${i}` : null,
      emailVerified: i % 3 === 0,
    });
    const lastSignInAt = i % 5 < 2 ? null : new Date(Date.UTC(2026, 0, 1 + (i % 7)));
    await t.app.db.transaction(({ prisma }) =>
      prisma.user.update({ where: { id }, data: { lastSignInAt, managed: i % 6 === 0 } }),
    );
    if (i % 4 === 1) await linkAddresses(t.app, id, [null, null, null, null, null, null].slice(0, 1 + (i % 7)));
  }
  users = await t.app.db.reader.user.findMany({ include: { identities: true }, orderBy: { id: 'asc' } });
});
afterAll(() => t.close());

const document = `query ($first: Int, $last: Int, $after: String, $before: String, $filter: UserFilter, $orderBy: UserOrder) {
  users(first: $first, last: $last, after: $after, before: $before, filter: $filter, orderBy: $orderBy) {
    totalCount edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

interface Page {
  totalCount: number;
  edges: { cursor: string; node: { id: string } }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}
type Args = Record<string, unknown>;

async function ask(args: Args): Promise<Page> {
  const { data, errors } = await t.graphql<{ users: Page }, Args>(document, args);
  expect(errors).toBeUndefined();
  return data?.users as Page;
}

async function refusalOf(args: Args) {
  const { errors } = await t.graphql<{ users: Page }, Args>(document, args);
  return errors?.[0];
}

/** Every page from one end to the other, as the ids and as each page says where it stands. */
async function walk(args: Args, forwards: boolean): Promise<string[]> {
  const seen: string[] = [];
  for (let cursor: string | null = null, i = 0; i < 60; i += 1) {
    const page = await ask({ ...args, ...(forwards ? { first: 3, after: cursor } : { last: 3, before: cursor }) });
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = page.pageInfo;
    const ids = page.edges.map(({ node }) => node.id);
    seen.splice(forwards ? seen.length : 0, 0, ...ids);
    if (ids.length === 3) expect([startCursor, endCursor]).toEqual([page.edges[0]?.cursor, page.edges[2]?.cursor]);
    if (!(forwards ? hasNextPage : hasPreviousPage)) break;
    cursor = forwards ? endCursor : startCursor;
  }
  return seen;
}

const never = new Date(-1);
type Key = (user: User) => (string | Date)[];
const byId: Key = () => [];

/** The ids in the order of a key and then the id, compared byte by byte. */
function sorted(found: readonly User[], key: Key): string[] {
  const bytes = (value: string | Date) =>
    Buffer.from(value instanceof Date ? String(value.getTime()).padStart(20) : value);
  const compare = (a: (string | Date)[], b: (string | Date)[]): number =>
    a.map((value, i) => Buffer.compare(bytes(value), bytes(b[i] as string))).find((order) => order !== 0) ?? 0;
  return [...found].sort((a, b) => compare([...key(a), a.id], [...key(b), b.id])).map(({ id }) => id);
}

type Case = [filter: Args, order: string, matches: (user: User & { identities: Identity[] }) => boolean, key: Key];
const lists: Case[] = [
  [{}, 'CREATED_AT', () => true, byId],
  [{}, 'EMAIL', () => true, (user) => [user.emailCanonical]],
  [{}, 'LAST_SIGN_IN_AT', () => true, (user) => [user.lastSignInAt ?? never]],
  [{ email: 'ADA@example.com' }, 'CREATED_AT', (user) => user.emailCanonical === 'ada@example.com', byId],
  [{ externalId: 'customer-8' }, 'CREATED_AT', (user) => user.externalId === 'customer-8', byId],
  [{ externalId: 'nobody' }, 'CREATED_AT', () => false, byId],
  [
    { externalId: 'customer-8', emailVerified: true },
    'CREATED_AT',
    (user) => user.externalId === 'customer-8' && user.emailVerified,
    byId,
  ],
  [{ emailVerified: false }, 'CREATED_AT', (user) => !user.emailVerified, byId],
  [{ managed: true }, 'CREATED_AT', (user) => user.managed, byId],
  [{ managed: false }, 'CREATED_AT', (user) => !user.managed, byId],
  [{ neverSignedIn: true }, 'CREATED_AT', (user) => !user.lastSignInAt, byId],
  ...(['GOOGLE_OAUTH', 'GITHUB_OAUTH', 'X_OAUTH'] as const).map(
    (provider): Case => [
      { provider },
      'CREATED_AT',
      ({ identities }) =>
        identities.some(
          (each) =>
            each.provider === { GOOGLE_OAUTH: 'GoogleOAuth', GITHUB_OAUTH: 'GithubOAuth', X_OAUTH: 'XOAuth' }[provider],
        ),
      byId,
    ],
  ),
  [
    { lastSignInBefore: '2026-01-04T00:00:00.000Z' },
    'LAST_SIGN_IN_AT',
    ({ lastSignInAt }) => lastSignInAt !== null && lastSignInAt < new Date(Date.UTC(2026, 0, 4)),
    (user) => [user.lastSignInAt ?? never],
  ],
  [{ lastSignInBefore: '1969-01-04T00:00:00.000Z' }, 'LAST_SIGN_IN_AT', () => false, byId],
  [
    { emailStartsWith: 'Ada' },
    'EMAIL',
    (user) => user.emailCanonical.startsWith('ada'),
    (user) => [user.emailCanonical],
  ],
  [
    { emailStartsWith: 'bo@EXAMPLE.c' },
    'EMAIL',
    (user) => user.emailCanonical.startsWith('bo@example.c'),
    (user) => [user.emailCanonical],
  ],
  [
    { emailStartsWith: 'ὀδυσσεύς' },
    'EMAIL',
    (user) => user.emailCanonical.startsWith('ὀδυσσεύσ'),
    (user) => [user.emailCanonical],
  ],
  ...['aD', 'ad%', 'ae_', 'ada\u{1F600}', 'a\uD7FF', 'ad\u{10FFFF}', '%', '_'].map(
    (start): Case => [
      { emailStartsWith: start },
      'EMAIL',
      (user) => user.emailCanonical.startsWith(start.toLowerCase()),
      (user) => [user.emailCanonical],
    ],
  ),
];

describe.each(lists)('users(filter: %o) in the order %s', (filter, order, matches, key) => {
  test.each(['ASC', 'DESC'])('%s: each once and in order, forwards and backwards, and counted', async (direction) => {
    const expected = sorted(users.filter(matches), key);
    if (direction === 'DESC') expected.reverse();
    const args = { filter, orderBy: `${order}_${direction}` };
    expect(await walk(args, true)).toEqual(expected);
    expect(await walk(args, false)).toEqual(expected);
    expect((await ask({ ...args, first: 1 })).totalCount).toBe(expected.length);
  });
});

test('without an order a list has that of its filter', async () => {
  const firstOf = async (filter: Args) => (await ask({ filter, first: 2 })).edges.map(({ node }) => node.id);
  const startOf = async (args: Args) => (await ask({ ...args, first: 2 })).edges.map(({ node }) => node.id);
  for (const [filter, orderBy] of [
    [{}, 'CREATED_AT_DESC'],
    [{ managed: true }, 'CREATED_AT_DESC'],
    [{ emailStartsWith: 'a' }, 'EMAIL_ASC'],
    [{ lastSignInBefore: '2026-02-01T00:00:00.000Z' }, 'LAST_SIGN_IN_AT_ASC'],
  ] as const) {
    expect(await firstOf(filter), orderBy).toEqual(await startOf({ filter, orderBy }));
  }
});

test('the times of creation narrow the lists of their order', async () => {
  const [from, to] = [users[10] as User, users[30] as User];
  const filter = { createdFrom: from.createdAt, createdBefore: to.createdAt };
  const between = (user: User) => user.createdAt >= from.createdAt && user.createdAt < to.createdAt;
  for (const [more, matches] of [
    [{ managed: true }, (user: User) => user.managed],
    [{ neverSignedIn: true }, (user: User) => !user.lastSignInAt],
    [{ emailVerified: true }, (user: User) => user.emailVerified],
  ] as const) {
    const expected = users.filter((user) => between(user) && matches(user)).map(({ id }) => id);
    expect(await walk({ filter: { ...filter, ...more }, orderBy: 'CREATED_AT_ASC' }, true)).toEqual(expected);
    expect(await walk({ filter: { ...filter, ...more }, orderBy: 'CREATED_AT_ASC' }, false)).toEqual(expected);
  }
});

describe('what no index serves is refused, and told what goes instead:', () => {
  test.each<[string, Args, string]>([
    [
      'two filters of two indexes',
      { filter: { managed: true, emailVerified: true } },
      '`emailVerified` does not go together with `managed`. `emailVerified` goes with `email`, `externalId`, `createdFrom` and `createdBefore`, and with the order CREATED_AT.',
    ],
    [
      'filters of two orders',
      { filter: { emailStartsWith: 'a', createdFrom: '2026-01-01T00:00:00Z' } },
      '`createdFrom` does not go together with `emailStartsWith`. `createdFrom` goes with `email`, `externalId`, `emailVerified`, `managed`, `provider`, `neverSignedIn` and `createdBefore`, and with the order CREATED_AT.',
    ],
    [
      'a filter in the order of another',
      { filter: { provider: 'GOOGLE_OAUTH' }, orderBy: 'EMAIL_ASC' },
      '`provider` does not go with the order EMAIL. `provider` goes with `createdFrom` and `createdBefore`, and with the order CREATED_AT.',
    ],
    [
      'the order of changes without a moment',
      { orderBy: 'UPDATED_AT_ASC' },
      'The order UPDATED_AT goes with `updatedSince` alone.',
    ],
  ])('%s', async (_what, args, message) => {
    expect(await refusalOf(args)).toMatchObject({
      message,
      extensions: { code: 'INVALID_REQUEST_PARAMETERS', field: 'filter' },
    });
  });

  test.each<[Args, string]>([
    [{ emailStartsWith: '' }, 'emailStartsWith'],
    [{ emailStartsWith: 'a'.repeat(255) }, 'emailStartsWith'],
    [{ emailStartsWith: 'a\u0000' }, 'emailStartsWith'],
    [{ emailStartsWith: '  ' }, 'emailStartsWith'],
    [{ neverSignedIn: false }, 'neverSignedIn'],
  ])('%o', async (filter, field) => {
    expect((await refusalOf({ filter }))?.extensions).toMatchObject({ code: 'INVALID_REQUEST_PARAMETERS', field });
  });

  test('a cursor of another order, or of none', async () => {
    const orders = ['CREATED_AT_ASC', 'LAST_SIGN_IN_AT_ASC', 'EMAIL_ASC'];
    const cursors = await Promise.all(
      orders.map(async (orderBy) => (await ask({ orderBy, first: 1 })).pageInfo.endCursor),
    );
    const forged = [
      '["lastSignIn","yesterday","user_01E4ZCR3C56J083X43JQXF3JK5"]',
      '["email","a\\u0000"]',
      '["email"]',
      '{',
      '[1]',
    ];
    const all = [...cursors, ...forged.map((text) => Buffer.from(text).toString('base64url')), '', 'x'];
    for (const [i, orderBy] of orders.entries()) {
      for (const [j, after] of all.entries()) {
        if (i === j) continue;
        const refusal = await refusalOf({ orderBy, after });
        expect(refusal?.extensions, `${orderBy} ${after}`).toMatchObject({
          code: 'INVALID_REQUEST_PARAMETERS',
          field: 'after',
        });
      }
    }
  });

  test('a cursor of another prefix neither widens the list nor moves it', async () => {
    const { edges } = await ask({ filter: { emailStartsWith: 'ad' }, first: 100 });
    const [first, last] = [edges[0]?.cursor, edges.at(-1)?.cursor];
    const bs = { filter: { emailStartsWith: 'b' } };
    const all = (await ask(bs)).edges;
    expect((await ask({ ...bs, after: last })).edges).toEqual(all);
    expect((await ask({ ...bs, before: first })).edges).toEqual([]);
    expect((await ask({ filter: { emailStartsWith: 'a' }, after: all[0]?.cursor })).edges).toEqual([]);
    expect((await ask({ filter: { emailStartsWith: 'a' }, after: last, before: first })).edges).toEqual([]);
  });
});

describe('updatedSince', () => {
  const since = (moment: Date) => ({ filter: { updatedSince: moment.toISOString() } });
  const idsOf = ({ edges }: Page) => edges.map(({ node }) => node.id);

  test('lists each user once, where their latest change is; a sign-in is none, and who was deleted is not there', async () => {
    const before = (await readEvents(t.app)).at(-1)?.createdAt.getTime() ?? 0;
    await waitFor('the next millisecond', async () => Date.now() > before);
    const moment = new Date(before + 1);
    const [a, b, c, d] = users.slice(0, 4).map(({ id }) => id) as [string, string, string, string];
    for (const [id, name] of [
      [a, '1'],
      [b, '2'],
      [a, '3'],
      [c, '4'],
      [d, '5'],
      [a, '6'],
      [b, '7'],
    ] as const)
      await updateUser(t.app, 'roster', id, { name });
    const made = await makeUser(t.app);
    await deleteUser(t.app, 'roster', c);
    await t.app.db.transaction(({ prisma }) =>
      prisma.user.update({ where: { id: b }, data: { lastSignInAt: moment } }),
    );
    await readEvents(t.app);
    const expected = [d, a, b, made.id];
    for (const [orderBy, order] of [
      ['UPDATED_AT_ASC', expected],
      ['UPDATED_AT_DESC', [...expected].reverse()],
    ] as const) {
      expect(await walk({ ...since(moment), orderBy }, true)).toEqual(order);
      expect(await walk({ ...since(moment), orderBy }, false)).toEqual(order);
    }
    const page = await ask(since(moment));
    expect([idsOf(page), page.totalCount]).toEqual([expected, 4]);

    const synced = page.pageInfo.endCursor;
    expect(idsOf(await ask({ ...since(moment), after: synced }))).toEqual([]);
    await updateUser(t.app, 'roster', a, { name: '8' });
    await readEvents(t.app);
    expect(idsOf(await ask({ ...since(moment), after: synced }))).toEqual([a]);
    const further = `query ($after: String) { users(after: $after, filter: { updatedSince: "1970-01-01T00:00:00Z" }) { edges { node { id } } } }`;
    const { data } = await t.graphql<{ users: Page }, Args>(further, { after: synced });
    expect(idsOf(data?.users as Page), 'the cursor counts, however old the moment').toEqual([a]);
  });

  test('a page ends early where those who changed again take too long, and says where to go on', async () => {
    const [stirred, still] = [await makeUser(t.app), await makeUser(t.app)];
    const last = (await readEvents(t.app)).at(-1) as StoredEvent;
    const moment = new Date(last.createdAt.getTime() + 60_000);
    // The first is of the one user, the others are of the other, whose version is that of the last. The database makes them itself:
    // through a client, a loaded machine takes longer than a transaction may.
    const events = `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 4001)
      INSERT INTO events (position, id, type, user_id, user_version, actor_kind, actor_id, body, created_at)
      SELECT ${last.position + 1} + i, 'event_${encodeTime(moment.getTime(), 10)}' || (1000000000000000 + i), 'user.updated',
        CASE i WHEN 0 THEN '${still.id}' ELSE '${stirred.id}' END, CASE i WHEN 4001 THEN 1 ELSE i + 1 END,
        'roster', 'roster', '{}', '${moment.toISOString()}' FROM n`;
    await t.app.db.transaction(async ({ prisma }) => {
      await prisma.$executeRawUnsafe(events);
      await prisma.eventSequence.updateMany({ data: { position: last.position + 4002, createdAt: moment } });
    });
    for (const forwards of [true, false]) {
      const first = await ask({ ...since(moment), ...(forwards ? { first: 3 } : { last: 3 }) });
      expect(idsOf(first)).toEqual([forwards ? still.id : stirred.id]);
      expect([first.pageInfo.hasNextPage, first.pageInfo.hasPreviousPage]).toEqual([forwards, !forwards]);
      expect(await walk(since(moment), forwards)).toEqual([still.id, stirred.id]);
    }
  });

  test('is refused where events are no longer kept, or are not kept at all, and takes no other cursor', async () => {
    const old = await refusalOf(since(new Date(Date.now() - 1000 * 86_400_000)));
    expect(old?.extensions).toMatchObject({ code: 'INVALID_REQUEST_PARAMETERS', field: 'updatedSince' });
    expect(old?.message).toMatch(/kept for \d+ days/);
    const unknown = { ...since(new Date()), after: 'event_7ZZZZZZZZZ0000000000000000' };
    expect((await refusalOf(unknown))?.extensions.code).toBe('UNKNOWN_CURSOR');
    const gone = { ...since(new Date()), after: 'event_01E4ZCR3C56J083X43JQXF3JK5' };
    expect((await refusalOf(gone))?.extensions.code).toBe('CURSOR_EXPIRED');
    expect((await refusalOf({ ...since(new Date()), after: users[0]?.id }))?.extensions.field).toBe('after');

    const none = await createTestApp({ EVENTS_RETENTION_DAYS: '0' });
    const { errors } = await none.graphql<unknown, Args>(document, since(new Date()));
    expect(errors?.[0]?.message).toContain('EVENTS_RETENTION_DAYS=0');
    await none.close();
  });
});
