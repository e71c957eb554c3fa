import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { pendingMigrations } from '../../src/db/migrate.ts';
import { applyPending } from '../../src/db/migrations/apply.ts';
import type { MigrationConnection } from '../../src/db/migrations/connection.ts';
import { userRow } from '../support/database.ts';
import {
  connectForMigrations,
  laterMigration,
  migrateTo,
  migrationNames,
  migrationOptions,
  migrations,
  newUnmigratedDatabase,
} from '../support/migrations.ts';
import { type TestDatabase, testProvider } from '../support/test-database.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await newUnmigratedDatabase();
});
afterEach(() => database.remove());

/** The connection of a process that vanishes when it has run so many scripts. */
async function vanishAfter(count: number): Promise<MigrationConnection> {
  const connection = await connectForMigrations(database.url);
  let left = count;
  const run = async (script: string) => {
    if (left === 0) throw new Error('vanished');
    left -= 1;
    await connection.run(script);
  };
  return { ...connection, run };
}

const scriptsOfEach = 5; // begin, history, script, record, commit
const moments = Array.from({ length: migrations.length * scriptsOfEach + 1 }, (_, i) => i);

describe('a migration stands or falls with its record', () => {
  test.each(moments)('when its process vanishes after %i scripts, and the next one goes on', async (count) => {
    await expect(applyPending(await vanishAfter(count), migrations)).rejects.toThrow('vanished');
    const pending = await pendingMigrations(migrationOptions(database.url));
    const committed = Math.floor(count / scriptsOfEach);
    expect(pending.map(({ name }) => name)).toEqual(migrationNames.slice(committed));
    expect(await migrateTo(database.url, migrations.length)).toEqual(migrationNames.slice(committed));
    expect(await pendingMigrations(migrationOptions(database.url))).toEqual([]);
    expect(await migrateTo(database.url, migrations.length)).toEqual([]);
  });
});

async function fillDatabase() {
  await migrateTo(database.url, migrations.length);
  const db = await openDatabase(migrationOptions(database.url));
  await db.transaction(async (tx) => {
    for (let i = 0; i < 20; i += 1) {
      const at = new Date();
      const identity = { id: `i${i}`, provider: 'XOAuth', idpId: `${i}`, createdAt: at, updatedAt: at };
      await tx.prisma.user.create({ data: { ...userRow(`u${i}`), identities: { create: identity } } });
      await tx.prisma.password.create({ data: { userId: `u${i}`, hash: 'x', type: 'ssha', changedAt: at } });
    }
  });
  await db.close();
}

async function counts() {
  const db = await openDatabase(migrationOptions(database.url));
  const { reader } = db;
  const found = [await reader.user.count(), await reader.identity.count(), await reader.password.count()];
  await db.close();
  return found;
}

const applyLater = async (script: string) =>
  applyPending(await connectForMigrations(database.url), [...migrations, laterMigration(script)]);

describe('on a full database', () => {
  test('a migration that fails half-way leaves nothing behind, and is not recorded', async () => {
    await fillDatabase();
    await expect(applyLater('DELETE FROM identities; DROP TABLE passwords; SELECT nonsense;')).rejects.toThrow();
    expect(await counts()).toEqual([20, 20, 20]);
    expect(await pendingMigrations(migrationOptions(database.url))).toEqual([]);
  });

  test.runIf(testProvider === 'sqlite')(
    'a table that is made anew, as SQLite needs it to change a column, takes nothing with it that refers to it',
    async () => {
      await fillDatabase();
      const { script } = migrations[0] ?? { script: '' };
      const columns = /CREATE TABLE "users" \(([\s\S]+?)\n\);/.exec(script)?.[1] ?? '';
      const madeAnew = `PRAGMA foreign_keys=OFF;
        CREATE TABLE "new_users" (${columns});
        INSERT INTO "new_users" SELECT * FROM "users";
        DROP TABLE "users";
        ALTER TABLE "new_users" RENAME TO "users";
        PRAGMA foreign_keys=ON;`;
      expect(await applyLater(madeAnew)).toEqual(['99990101000000_later']);
      expect(await counts()).toEqual([20, 20, 20]);
    },
  );

  test('a migration that leaves a row without the one that it refers to is refused', async () => {
    await fillDatabase();
    const orphan = `INSERT INTO passwords (user_id, hash, type, changed_at) VALUES ('nobody', 'x', 'ssha', '2026-01-15')`;
    await expect(applyLater(orphan)).rejects.toThrow(
      testProvider === 'sqlite' ? /The table passwords has rows whose row in users is missing/ : /foreign key/,
    );
    expect(await counts()).toEqual([20, 20, 20]);
  });
});
