import { EventEmitter, once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseOptions } from '../../src/db/database-options.ts';
import { updateUsers } from '../../src/users/update-many.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { recordedBy } from '../support/events.ts';
import { openRecorded } from '../support/recording.ts';
import { testProvider } from '../support/test-database.ts';
import { dump, linkAddresses, makeUser, newAddress } from '../support/users.ts';
import { waitFor } from '../support/wait.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp({ MAIL: 'off' });
});
afterAll(() => t.close());

interface Payload {
  results: {
    index: number;
    user: { id: string; firstName: string | null; version: number } | null;
    error: { code: string; field: string | null; issues: { field: string; code: string }[] } | null;
  }[];
  updated: number;
  unchanged: number;
  failed: number;
}

const UpdateUsers = /* GraphQL */ `
  mutation ($updates: [UpdateUsersItem!]!, $onError: BulkErrorPolicy) {
    updateUsers(updates: $updates, onError: $onError) {
      results { index user { id firstName version } error { code field message issues } }
      updated
      unchanged
      failed
    }
  }
`;

async function bulk(updates: object[], onError?: 'CONTINUE' | 'ROLLBACK', key = t.key) {
  const document = onError
    ? UpdateUsers
    : UpdateUsers.replace(', $onError: BulkErrorPolicy', '').replace(', onError: $onError', '');
  const answer = await t.graphql<{ updateUsers: Payload }, object>(
    document,
    { updates, ...(onError && { onError }) },
    key,
  );
  return { ...answer, payload: answer.data?.updateUsers as Payload, error: answer.errors?.[0] };
}

/** The same with a key, so that what became of it is kept in its transaction. */
async function bulkOnce(updates: object[]): Promise<Payload> {
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${t.key}`,
    'idempotency-key': newAddress(),
  };
  const body = JSON.stringify({ query: UpdateUsers, variables: { updates, onError: 'CONTINUE' } });
  const answer = await (await t.fetch('/graphql', { method: 'POST', headers, body })).json();
  return answer.data.updateUsers;
}

const makeUsers = (count: number) => Promise.all(Array.from({ length: count }, () => makeUser(t.app)));
const codesOf = ({ results }: Payload) => results.map(({ error }) => error?.code ?? null);

test('users are found by id, external id or address, and answered in the order of the list', async () => {
  const [a, b, c] = [await makeUser(t.app), await makeUser(t.app, { externalId: 'b-1' }), await makeUser(t.app)];
  const { payload } = await bulk([
    { email: c?.email.toUpperCase(), input: { firstName: 'C' } },
    { id: a?.id, input: { firstName: 'A' }, expectedVersion: 1 },
    { externalId: 'b-1', input: { lastName: null } },
  ]);
  expect(payload).toMatchObject({ updated: 2, unchanged: 1, failed: 0 });
  expect(payload.results.map(({ index, user }) => [index, user?.id, user?.firstName, user?.version])).toEqual([
    [0, c?.id, 'C', 2],
    [1, a?.id, 'A', 2],
    [2, b?.id, null, 1],
  ]);
});

test('what is wrong with one is told as `updateUser` tells it', async () => {
  const [user, other] = [await makeUser(t.app), await makeUser(t.app, { externalId: 'taken-1' })];
  const inputs = [
    { firstName: 'x'.repeat(300), locale: '_', email: null },
    { password: 'short' },
    { metadata: { a: 'x'.repeat(700) } },
    { email: other.email, externalId: 'taken-1' },
  ];
  const update = 'mutation ($id: ID!, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { id } }';
  for (const input of inputs) {
    const [single] = (await t.graphql(update, { id: user.id, input })).errors ?? [];
    const { code, field = null, issues = [] } = single?.extensions ?? {};
    const { payload } = await bulk([{ id: user.id, input }]);
    expect(payload.results[0]?.error).toEqual({ code, field, message: single?.message, issues });
  }
});

test('CONTINUE: a bad one harms no other', async () => {
  const users = await makeUsers(5);
  const [a, b, c, d, e] = users.map(({ id }) => id);
  const { payload } = await bulk([
    { id: a, input: { firstName: 'A' } },
    { id: b, input: { email: users[0]?.email } },
    { id: c, input: { firstName: 'x'.repeat(300), locale: '_' } },
    { id: d, input: { firstName: 'D' }, expectedVersion: 9 },
    { id: 'user_01E4ZCR3C56J083X43JQXF3JK5', input: { firstName: 'X' } },
    { id: e, input: { firstName: 'E' } },
  ]);
  expect(codesOf(payload)).toEqual([
    null,
    'EMAIL_NOT_AVAILABLE',
    'INVALID_REQUEST_PARAMETERS',
    'VERSION_MISMATCH',
    'ENTITY_NOT_FOUND',
    null,
  ]);
  expect(payload.results[2]?.error?.issues.map(({ field, code }) => [field, code])).toEqual([
    ['firstName', 'INVALID_REQUEST_PARAMETERS'],
    ['locale', 'INVALID_LOCALE'],
  ]);
  expect(payload).toMatchObject({ updated: 2, unchanged: 0, failed: 4 });
});

test.each([
  ['a value that another user has', (taken: string) => ({ email: taken }), 'EMAIL_NOT_AVAILABLE'],
  ['a malformed field', () => ({ locale: '_' }), 'INVALID_LOCALE'],
])('ROLLBACK: %s undoes all, and names the one to blame', async (_case, inputOf, code) => {
  const [a, b, c] = await makeUsers(3);
  const other = await makeUser(t.app);
  const before = await dump(t.app);
  let payload: Payload | undefined;
  const events = await recordedBy(t.app, async () => {
    const updates = [
      { id: a?.id, input: { firstName: 'A', email: newAddress() } },
      { id: b?.id, input: inputOf(other.email) },
      { id: c?.id, input: { firstName: 'C' } },
    ];
    payload = (await bulk(updates, 'ROLLBACK')).payload;
  });
  expect(codesOf(payload as Payload)).toEqual(['NOT_APPLIED', code, 'NOT_APPLIED']);
  expect(payload).toMatchObject({ updated: 0, unchanged: 0, failed: 3 });
  expect(await dump(t.app)).toEqual(before);
  expect(events).toEqual([]);
});

test('ROLLBACK: a stored row that refuses undoes all, and two of the list that want one address, too', async () => {
  const [a, b] = await makeUsers(2);
  const before = await dump(t.app);
  const stale = [
    { id: a?.id, input: { firstName: 'A' } },
    { id: b?.id, input: { firstName: 'B' }, expectedVersion: 7 },
  ];
  expect(codesOf((await bulk(stale, 'ROLLBACK')).payload)).toEqual(['NOT_APPLIED', 'VERSION_MISMATCH']);
  const email = newAddress();
  const racing = [a, b].map((user) => ({ id: user?.id, input: { email } }));
  expect(codesOf((await bulk(racing, 'ROLLBACK')).payload)).toEqual(['NOT_APPLIED', 'EMAIL_NOT_AVAILABLE']);
  expect(await dump(t.app)).toEqual(before);
});

test('ROLLBACK: where nothing is wrong all are made, with the events of each', async () => {
  const users = await makeUsers(70);
  const events = await recordedBy(t.app, async () => {
    const updates = users.map(({ id }, i) => ({ id, input: { firstName: `name ${i}` } }));
    expect((await bulk(updates, 'ROLLBACK')).payload).toMatchObject({ updated: 70, failed: 0 });
  });
  expect(events.map(({ type }) => type)).toEqual(Array(70).fill('user.updated'));
});

test('an item that does not fit the schema refuses the list, and the answer says which it is', async () => {
  const users = await makeUsers(3);
  const [a, b, c] = users.map(({ id }) => id);
  const wrong = [
    { id: a, input: { firstName: 'A' } },
    { id: b, input: { firstName: 1 } },
    { id: c, input: { nickname: 'C' } },
    { id: c, name: 'C', input: {} },
    5 as unknown as object,
  ];
  const { data, errors } = await bulk(wrong);
  expect(data).toBeUndefined();
  expect(errors?.map(({ message, extensions: { field, index } }) => [field, index, message.split(':')[0]])).toEqual([
    ['firstName', 1, 'updates[1]'],
    ['nickname', 2, 'updates[2]'],
    ['name', 3, 'updates[3]'],
    ['updates', 4, 'updates[4]'],
  ]);
  const ofThem = { where: { id: { in: users.map(({ id }) => id) }, version: 1 } };
  expect(await t.app.db.reader.user.count(ofThem)).toBe(3);
});

test('a user twice is refused before anything is done, however they are named', async () => {
  const user = await makeUser(t.app);
  const other = await makeUser(t.app);
  const { error } = await bulk([
    { id: other.id, input: { firstName: 'Other' } },
    { id: user.id, input: { firstName: 'A' } },
    { email: user.email, input: { firstName: 'B' } },
  ]);
  expect(error?.extensions).toMatchObject({ code: 'DUPLICATE_ITEM', field: 'updates[2]' });
  expect(await t.app.db.reader.user.count({ where: { id: { in: [user.id, other.id] }, version: 1 } })).toBe(2);
});

test('an unknown address is not repeated; an unknown id is, as elsewhere', async () => {
  const email = newAddress();
  const { payload } = await bulk([
    { email, input: {} },
    { externalId: 'nobody-1', input: {} },
    { email: 'Ada', input: {} },
  ]);
  expect(codesOf(payload)).toEqual(Array(3).fill('ENTITY_NOT_FOUND'));
  expect(payload.results.map(({ error }) => error)).toMatchObject([
    { field: null, message: 'No user has this email.' },
    { message: "User not found: 'nobody-1'." },
    { message: 'No user has this email.' },
  ]);
});

test('the list is bounded: 1 to 500, ten passwords, one key for each', async () => {
  const item = { id: 'user_x', input: {} };
  const codeOf = async (updates: object[]) => (await bulk(updates)).error?.extensions.code;
  expect(await codeOf([])).toBe('INVALID_REQUEST_PARAMETERS');
  expect(await codeOf(Array(501).fill(item))).toBe('INVALID_REQUEST_PARAMETERS');
  expect(await codeOf([{ input: {} }])).toBe('INVALID_REQUEST_PARAMETERS');
  expect(await codeOf([{ ...item, email: 'a@example.com' }])).toBe('INVALID_REQUEST_PARAMETERS');
  const withPasswords = Array.from({ length: 11 }, (_, i) => ({ id: `user_${i}`, input: { password: 'weak' } }));
  expect(await codeOf(withPasswords)).toBe('INVALID_REQUEST_PARAMETERS');
  expect((await bulk(withPasswords.slice(1))).payload.failed).toBe(10);
  const withGuesses = withPasswords.map(({ id }) => ({ id, input: { currentPassword: 'a guess' } }));
  expect(await codeOf(withGuesses)).toBe('INVALID_REQUEST_PARAMETERS');
});

test.each([
  ['lists', '[{ id: "user_x", input: { password: "weak" } }]'],
  ['items that stand for a list of one', '{ id: "user_x", input: { password: "weak" } }'],
])('two %s with passwords are not taken in one document', async (_what, updates) => {
  const one = `updateUsers(updates: ${updates}) { failed }`;
  const { errors } = await t.graphql(`mutation { a: ${one} b: ${one} }`);
  expect(errors?.[0]?.extensions.code).toBe('DOCUMENT_LIMIT_EXCEEDED');
});

test('each field takes the scope that it takes alone', async () => {
  const [a, b] = await makeUsers(2);
  const { key } = await t.app.apiKeys.create('writer', ['users:read', 'users:write']);
  const updates = [
    { id: a?.id, input: { password: 'correct orchid battery sundial' } },
    { id: b?.id, input: { firstName: 'B' } },
  ];
  expect(codesOf((await bulk(updates, undefined, key)).payload)).toEqual(['FORBIDDEN', null]);
});

test('500 that race for one address: one has it, and the others hear so', async () => {
  const users = [];
  for (let block = 0; block < 5; block += 1) users.push(...(await makeUsers(100)));
  const email = newAddress();
  const { payload } = await bulk(users.map(({ id }) => ({ id, input: { email } })));
  expect(payload).toMatchObject({ updated: 1, unchanged: 0, failed: 499 });
  expect(new Set(codesOf(payload))).toEqual(new Set([null, 'EMAIL_NOT_AVAILABLE']));
});

test('those that nothing stands in the way of are read and written with one statement each, and one commit', async () => {
  const users = await makeUsers(100);
  const sent: string[] = [];
  const db = await openRecorded(databaseOptions(t.app.config), ({ sql }) => sent.push(sql));
  const results = await updateUsers(
    { ...t.app, db },
    'roster',
    users.map(({ id }) => ({ id, input: { firstName: 'Together' } })),
    { onError: 'continue' },
  );
  await db.close();
  expect(results.filter((result) => 'user' in result && result.isChanged)).toHaveLength(100);
  expect(sent.filter((sql) => /^UPDATE \S*users\b/.test(sql))).toHaveLength(1);
  expect(sent.filter((sql) => /^SELECT .* FROM \S*users\b/s.test(sql))).toHaveLength(1);
});

test.runIf(testProvider === 'postgresql')(
  'one whom somebody else holds keeps no other waiting for long, and is made when they let go',
  async () => {
    const users = await makeUsers(3);
    const [, held, last] = users.map(({ id }) => id) as [string, string, string];
    const [started, end] = [new EventEmitter(), new EventEmitter()];
    const isHeld = once(started, 'held');
    const hold = t.app.db.transaction(async ({ prisma }) => {
      await prisma.user.update({ where: { id: held }, data: { locale: 'de' } });
      started.emit('held');
      await once(end, 'end');
    });
    await isHeld;
    const pending = bulk(users.map(({ id }) => ({ id, input: { firstName: 'Held' } })));
    const versionOf = async (id: string) => (await t.app.db.reader.user.findUnique({ where: { id } }))?.version;
    await waitFor('the others to be made', async () => (await versionOf(last)) === 2);
    end.emit('end');
    await hold;
    expect((await pending).payload).toMatchObject({ updated: 3, failed: 0 });
  },
);

test('the same as single updates: equal rows, versions and events', async () => {
  const make = async () => {
    const user = await makeUser(t.app, { emailVerified: true, metadata: { plan: 'team' } });
    await linkAddresses(t.app, user.id, [user.email, 'other@example.com']);
    return user;
  };
  const inputs = [
    () => ({ email: newAddress() }),
    () => ({ metadata: { plan: null, seat: '1' } }),
    () => ({ firstName: 'Ada', emailVerified: true }),
    () => ({
      passwordHash: '$2b$10$abcdefghijklmnopqrstuuMZQpx0Np8UXlNYU5gRMVSpzqMTpcGGi',
      passwordHashType: 'BCRYPT',
    }),
    () => ({}),
  ];
  const [singles, many] = [await Promise.all(inputs.map(make)), await Promise.all(inputs.map(make))];
  const told = (events: { type: string; userId: string | null }[], users: { id: string }[]) =>
    users.map(({ id }) => events.filter(({ userId }) => userId === id).map(({ type }) => type));
  const update = 'mutation ($id: ID!, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { id } }';
  const ofSingles = await recordedBy(t.app, async () => {
    for (const [i, { id }] of singles.entries()) await t.graphql(update, { id, input: inputs[i]?.() });
  });
  const ofMany = await recordedBy(t.app, () => bulk(many.map(({ id }, i) => ({ id, input: inputs[i]?.() }))));
  expect(told(ofMany, many)).toEqual(told(ofSingles, singles));
  const shapeOf = async (id: string) => {
    const include = { identities: true, password: true };
    const { version, metadata, firstName, emailVerified, identities, password } =
      await t.app.db.reader.user.findUniqueOrThrow({ where: { id }, include });
    return { version, metadata, firstName, emailVerified, identities: identities.length, hash: password?.hash };
  };
  const shapes = (users: { id: string }[]) => Promise.all(users.map(({ id }) => shapeOf(id)));
  expect(await shapes(many)).toEqual(await shapes(singles));
});

describe('values that one of the list gives up and another one wants', () => {
  /** Three users, of whom the first two also have an external id, and one who is not in the list. */
  async function makeFour() {
    const ids = Array.from({ length: 2 }, () => newAddress().slice(0, 20));
    const [a, b, c] = [
      await makeUser(t.app, { externalId: ids[0] ?? null }),
      await makeUser(t.app, { externalId: ids[1] ?? null }),
      await makeUser(t.app),
    ];
    return { a, b, c, other: await makeUser(t.app) };
  }
  type Four = Awaited<ReturnType<typeof makeFour>>;
  const taken = 'EMAIL_NOT_AVAILABLE';

  test.each<[string, (users: Four) => object[], (string | null)[]]>([
    [
      'an address is given up, then taken',
      ({ a, b }) => [
        { id: a.id, input: { email: newAddress() } },
        { id: b.id, input: { email: a.email } },
      ],
      [null, null],
    ],
    [
      'a chain of them, the last by address and external id',
      ({ a, b, c }) => [
        { id: b.id, input: { email: newAddress(), externalId: null } },
        { id: a.id, input: { email: b.email } },
        { id: c.id, input: { email: a.email, externalId: b.externalId } },
      ],
      [null, null, null],
    ],
    [
      'an address is taken, then given up',
      ({ a, b }) => [
        { id: b.id, input: { email: a.email } },
        { id: a.id, input: { email: newAddress() } },
      ],
      [taken, null],
    ],
    [
      'an external id is taken, then given up',
      ({ a, b }) => [
        { id: b.id, input: { externalId: a.externalId } },
        { id: a.id, input: { externalId: null } },
      ],
      ['EXTERNAL_ID_ALREADY_USED', null],
    ],
    [
      'two want each other’s',
      ({ a, b }) => [
        { id: a.id, input: { email: b.email } },
        { id: b.id, input: { email: a.email } },
      ],
      [taken, taken],
    ],
    [
      'given up and taken, beside one who is refused',
      ({ a, b, c, other }) => [
        { id: a.id, input: { email: newAddress() } },
        { id: b.id, input: { email: a.email } },
        { id: c.id, input: { email: other.email } },
      ],
      [null, null, taken],
    ],
    [
      'wanted by one whose version is stale, and by another one, beside one who is refused',
      ({ a, b, c, other }) => {
        const email = newAddress();
        return [
          { id: a.id, input: { email }, expectedVersion: 7 },
          { id: b.id, input: { email } },
          { id: c.id, input: { email: other.email } },
        ];
      },
      ['VERSION_MISMATCH', null, taken],
    ],
    [
      'wanted by one who is refused for something else',
      ({ a, b, c, other }) => {
        const externalId = newAddress().slice(0, 20);
        return [
          { id: a.id, input: { email: other.email, externalId } },
          { id: b.id, input: { externalId } },
          { id: 'user_01E4ZCR3C56J083X43JQXF3JK5', input: { email: c.email } },
        ];
      },
      [taken, null, 'ENTITY_NOT_FOUND'],
    ],
  ])('%s: each is judged as if those before it had been made', async (_case, updatesOf, codes) => {
    const isRefused = codes.some((code) => code !== null);
    expect(codesOf((await bulk(updatesOf(await makeFour()))).payload)).toEqual(codes);
    expect(codesOf(await bulkOnce(updatesOf(await makeFour())))).toEqual(codes);
    const { payload } = await bulk(updatesOf(await makeFour()), 'ROLLBACK');
    expect(codesOf(payload)).toEqual(isRefused ? codes.map((code) => code ?? 'NOT_APPLIED') : codes);
  });
});
