import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import type { Password, User } from '../../src/db/models.ts';
import { connectTo, rename, temporaryDatabase, userRow } from '../support/database.ts';
import { forEachOwn } from '../support/own-fields.ts';

const at = new Date('2026-01-15T12:00:00.000Z');
const row = (id: string) => ({
  ...{ emailVerified: false, firstName: null, lastName: null, name: null, profilePictureUrl: null, externalId: null },
  ...{ locale: null, managed: false, lastSignInAt: null, version: 1 },
  ...forEachOwn(() => null),
  ...userRow(id),
});
const password = (userId: string): Password => {
  return { userId, hash: 'x', type: 'bcrypt', saltPosition: null, origin: 'imported', changedAt: at };
};
const identity = (id: string, userId: string) => {
  const account = { provider: 'GoogleOAuth', idpId: id, email: null, emailCanonical: null };
  return { id, userId, ...account, createdAt: at, updatedAt: at };
};
const rowsOf = (...ids: string[]) => ({
  users: ids.map((id) => row(id) as User),
  identities: ids.map((id) => identity(`identity of ${id}`, id)),
  passwords: ids.map(password),
});
const progress = (records: number, lockedBy = 'me') => {
  return { id: 'import', lockedBy, lockedUntil: at, records, updatedAt: at, counts: { created: records } };
};

/** An import that is under way, and what others see of it. */
async function open() {
  const { file, options } = temporaryDatabase();
  const db = await openDatabase(options);
  onTestFinished(() => db.close());
  const begun = { id: 'import', format: 'csv', files: '', counts: {}, startedAt: at, updatedAt: at };
  await db.transaction(({ prisma }) => prisma.import.create({ data: { ...begun, lockedBy: 'me' } }));
  const bulk = await db.openBulkInserts();
  if (!bulk) throw new Error('SQLite has no bulk inserts');
  onTestFinished(() => bulk.close());
  const other = connectTo(file);
  const pluck = (sql: string) => other.prepare(sql).pluck().all();
  const seen = () => ({
    users: pluck('SELECT id FROM users ORDER BY id'),
    identities: pluck('SELECT user_id FROM identities ORDER BY user_id'),
    passwords: pluck('SELECT user_id FROM passwords ORDER BY user_id'),
    records: pluck('SELECT records FROM imports'),
  });
  const all = (records: number, ...ids: string[]) => {
    return { users: ids, identities: ids, passwords: ids, records: [records] };
  };
  return { db, bulk, other, seen, all };
}

test('nothing is seen of many batches before their commit, and all of it after, with how far the import is', async () => {
  const { bulk, seen, all, db } = await open();
  const inserted = await Promise.all([bulk.insert(rowsOf('a', 'b')), bulk.insert(rowsOf('c'))]);
  expect(inserted).toEqual(['inserted', 'inserted']);
  expect(seen()).toEqual(all(0));
  expect(await bulk.commit(progress(3))).toBe(true);
  expect(seen()).toEqual(all(3, 'a', 'b', 'c'));
  const [stored, read] = [row('a'), await db.reader.user.findUnique({ where: { id: 'a' } })];
  expect(read).toEqual(stored);
  expect(await db.reader.import.findFirst()).toMatchObject({ counts: { created: 3 }, updatedAt: at, lockedUntil: at });
});

test.each([
  ['an id', { ...row('a'), emailCanonical: 'other@example.com' }],
  ['an address', { ...row('x'), emailCanonical: 'a@example.com' }],
  ['an external id', { ...row('x'), externalId: 'taken' }],
])('of a batch with %s that is there already nothing is added, and all of those before stays', async (_, taken) => {
  const { bulk, seen, all } = await open();
  const before = rowsOf('a', 'b');
  await bulk.insert({ ...before, users: before.users.map((user, i) => (i ? user : { ...user, externalId: 'taken' })) });
  const refused = rowsOf('m', 'n', 'z');
  const batch = { ...refused, users: [...refused.users.slice(0, 2), taken as User, ...refused.users.slice(2)] };
  const answers = await Promise.all([bulk.insert(batch), bulk.insert(rowsOf('later'))]);
  expect(answers).toEqual(['refused', 'refused']);
  await bulk.commit(progress(2));
  expect(seen()).toEqual(all(2, 'a', 'b'));
  await bulk.pause();
  expect(await bulk.insert(rowsOf('later'))).toBe('inserted');
});

test('of a batch with an account that somebody has nothing is added, either', async () => {
  const { bulk, seen, all } = await open();
  await bulk.insert(rowsOf('a'));
  const batch = { ...rowsOf('b', 'c'), identities: [identity('identity of a', 'c')] };
  expect(await bulk.insert(batch)).toBe('refused');
  await bulk.commit(progress(1));
  expect(seen()).toEqual(all(1, 'a'));
});

test('where the first batch is refused, others can write as soon as it pauses', async () => {
  const { db, bulk, other, seen, all } = await open();
  await db.transaction(({ prisma }) => prisma.user.create({ data: userRow('a') }));
  expect(await bulk.insert(rowsOf('b', 'a'))).toBe('refused');
  await bulk.pause();
  other.exec('BEGIN IMMEDIATE; COMMIT');
  expect(seen()).toEqual({ ...all(0, 'a'), identities: [], passwords: [] });
});

test('when somebody else has committed, no transaction is begun, and they can go on', async () => {
  const { db, bulk, other, seen, all } = await open();
  await bulk.insert(rowsOf('a'));
  await bulk.commit(progress(1));
  await db.transaction((tx) => rename(tx, 'a', 'Ada'));
  expect(await Promise.all([bulk.insert(rowsOf('b')), bulk.insert(rowsOf('c'))])).toEqual(['others wrote', 'refused']);
  other.exec(`BEGIN IMMEDIATE; UPDATE users SET first_name = 'Eve'; COMMIT`); // it does not wait
  expect(seen()).toEqual(all(1, 'a'));
  await bulk.pause();
  expect(await bulk.insert(rowsOf('b'))).toBe('inserted');
});

test('what somebody else has taken over is not committed', async () => {
  const { bulk, seen, all } = await open();
  await bulk.insert(rowsOf('a'));
  expect(await bulk.commit(progress(1, 'somebody else'))).toBe(false);
  expect(seen()).toEqual(all(0));
});

test('closing undoes what is not committed, and lets others write', async () => {
  const { bulk, other, seen, all } = await open();
  await bulk.insert(rowsOf('a'));
  expect(() => other.exec('BEGIN IMMEDIATE')).toThrow('locked');
  await bulk.close();
  other.exec('BEGIN IMMEDIATE; COMMIT');
  expect(seen()).toEqual(all(0));
});

test('after an error nothing stands since the last commit, and nothing is written any more', async () => {
  const { bulk, other, seen, all } = await open();
  await bulk.insert(rowsOf('a'));
  await bulk.commit(progress(1));
  await bulk.insert(rowsOf('b'));
  const broken = { ...rowsOf('c'), passwords: [{ ...password('c'), hash: null as unknown as string }] };
  await expect(bulk.insert(broken)).rejects.toThrow();
  await expect(bulk.insert(rowsOf('d'))).rejects.toThrow();
  await expect(bulk.commit(progress(4))).rejects.toThrow();
  other.exec('BEGIN IMMEDIATE; COMMIT');
  expect(seen()).toEqual(all(1, 'a'));
});
