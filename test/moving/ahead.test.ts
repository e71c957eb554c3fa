import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder, userRow } from '../support/database.ts';
import { newStore, type Store } from '../support/moving.ts';
import { startRoster } from '../support/processes.ts';

const id = (i: number) => `u${String(i).padStart(6, '0')}`;
const userOf = (i: number, fields = {}) => ({
  user_id: `auth0|${id(i)}`,
  email: `${id(i)}@example.com`,
  email_verified: true,
  ...fields,
});

function writeUsers(users: readonly object[]): string {
  const file = join(temporaryFolder(), 'users.jsonl');
  writeFileSync(file, users.map((user) => JSON.stringify(user)).join('\n'));
  return file;
}

/** What is written down of an import, and how many users there are. */
const state = (store: Store) =>
  store.withDatabase(async ({ reader }) => {
    const found = await reader.import.findFirst();
    return { records: found?.records, counts: found?.counts, users: await reader.user.count() };
  });

test('problems of batches that share a commit are told once, in the order of the file, and counted', async () => {
  const [store, count] = [await newStore(), 20_000];
  await store.withDatabase((db) =>
    db.transaction(({ prisma }) =>
      prisma.user.create({ data: userRow('there', { emailCanonical: `${id(15_000)}@example.com` }) }),
    ),
  );
  const odd = new Map<number, object>([
    [6_000, { email: 'none' }],
    [8_000, { picture: 'none' }],
    [9_000, { email: `${id(8_999)}@example.com` }], // of the same batch
    [12_000, { email: `${id(4_000)}@example.com` }], // of a commit before
    [18_000, { email: null }],
  ]);
  const file = writeUsers(Array.from({ length: count }, (_, i) => userOf(i, odd.get(i))));
  const errors = join(temporaryFolder(), 'errors');
  await store.run('import', file, '--from', 'auth0', '--errors', errors);
  const told = readFileSync(errors, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(told.map(({ outcome, line }) => [outcome, line])).toEqual([
    ['refused', 6_001],
    ['noted', 8_001],
    ['skipped', 9_001],
    ['skipped', 12_001],
    ['skipped', 15_001],
    ['refused', 18_001],
  ]);
  const created = count - 5;
  const counts = { created, skipped: 3, refused: 2, notes: { 'profilePictureUrl left out': 1 } };
  expect(await state(store)).toMatchObject({ records: count, users: created + 1, counts });
  const again = await store.run('import', file, '--from', 'auth0');
  expect(again.stdout).toMatch(new RegExp(`^created +0\nupdated +0\nunchanged +${created}\nskipped +3\n`, 'm'));
});

test.runIf(existsSync('/dev/full'))(
  'what cannot be told is not committed: what is stored is what is written down as done',
  async () => {
    const store = await newStore();
    const odd = (i: number) => (i === 9_000 ? { email: 'none' } : {});
    const file = writeUsers(Array.from({ length: 20_000 }, (_, i) => userOf(i, odd(i))));
    const { code } = await store.run('import', file, '--from', 'auth0', '--errors', '/dev/full');
    expect(code).toBe(1);
    const { records = 0, counts, users } = await state(store);
    expect(records).toBeGreaterThan(0);
    expect(records).toBeLessThanOrEqual(9_000);
    expect([users, counts]).toEqual([records, expect.objectContaining({ created: records, refused: 0 })]);
    await store.run('import', file, '--from', 'auth0');
    expect(await state(store)).toMatchObject({ users: 19_999, counts: { created: 19_999, refused: 1 } });
  },
);

test('an import that stops at a record has all before its batch', async () => {
  const store = await newStore();
  const file = writeUsers(Array.from({ length: 12_000 }, (_, i) => userOf(i === 11_000 ? 5_000 : i)));
  await store.run('import', file, '--from', 'auth0', '--on-conflict', 'fail');
  const taken = writeUsers(
    Array.from({ length: 12_000 }, (_, i) => userOf(12_000 + i, i === 11_000 ? { email: `${id(1)}@example.com` } : {})),
  );
  const { code, stderr } = await store.run('import', taken, '--from', 'auth0', '--on-conflict', 'fail');
  expect([code, stderr]).toEqual([1, expect.stringContaining('The import stops here')]);
  const { reached, users } = await store.withDatabase(async ({ reader }) => {
    const row = await reader.import.findFirstOrThrow({ where: { files: taken } });
    return {
      reached: row.records,
      users: await reader.user.count({ where: { externalId: { gte: `auth0|${id(12_000)}` } } }),
    };
  });
  expect(reached).toBeGreaterThan(6_000);
  expect(users).toBe(reached);
});

test('who writes beside an import waits for one of its large transactions, and then for small ones', async () => {
  const store = await newStore();
  const file = writeUsers(Array.from({ length: 120_000 }, (_, i) => userOf(i)));
  await store.withDatabase(async (db) => {
    await db.transaction(({ prisma }) => prisma.user.create({ data: userRow('a') }));
    const { child, ended } = startRoster(['import', file, '--from', 'auth0'], { DATABASE_URL: store.url });
    onTestFinished(() => void child.kill('SIGKILL'));
    const reached = async () => (await db.reader.import.findFirst())?.records ?? 0;
    while ((await reached()) < 20_000 && child.exitCode === null) await sleep(20); // alone until then
    const steps: number[] = [];
    for (let i = 0; i < 30; i += 1) {
      const before = await reached();
      await db.transaction(({ prisma }) => prisma.user.update({ where: { id: 'a' }, data: { version: i } }));
      steps.push((await reached()) - before);
    }
    // So many records went by while an update waited: of one transaction that was under way, and those prepared by then.
    expect(Math.max(...steps)).toBeLessThan(60_000);
    const usual = steps.slice(-20).sort((a, b) => a - b)[10];
    expect(usual, `records while an update waited: ${steps}`).toBeLessThanOrEqual(1000);
    expect(await reached(), 'and the import goes on').toBeLessThan(120_000);
    expect(await ended).toMatchObject({ code: 0 });
    expect(await db.reader.user.count()).toBe(120_001);
  });
});
