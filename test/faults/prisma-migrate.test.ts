import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { adapterFor } from '../../src/db/dialects.ts';
import { pendingMigrations } from '../../src/db/migrate.ts';
import {
  connectForMigrations,
  migrateTo,
  migrationNames,
  migrationOptions,
  migrations,
  newUnmigratedDatabase,
} from '../support/migrations.ts';
import { deployWithPrisma } from '../support/prisma-migrate.ts';
import { type TestDatabase, testProvider } from '../support/test-database.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await newUnmigratedDatabase();
});
afterEach(() => database.remove());

const deploy = async (count = migrations.length) =>
  deployWithPrisma(
    testProvider,
    await adapterFor(migrationOptions(database.url), 'migrate'),
    migrations.slice(0, count),
  );

/** The columns of the history, and each row without what differs between two runs. */
async function historyOf(url: string) {
  const connection = await connectForMigrations(url);
  const rows = await connection.query(
    `SELECT checksum, migration_name, logs, rolled_back_at, applied_steps_count FROM _prisma_migrations ORDER BY migration_name`,
  );
  const [times] = await connection.query('SELECT finished_at, started_at FROM _prisma_migrations');
  const columns = await connection.query(
    testProvider === 'sqlite'
      ? `SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info('_prisma_migrations')`
      : `SELECT column_name, data_type, character_maximum_length, is_nullable, column_default
         FROM information_schema.columns WHERE table_name = '_prisma_migrations' ORDER BY ordinal_position`,
  );
  await connection.close();
  return { rows, columns, times: times?.map((time) => typeof time) };
}

describe("Prisma's own command line and Roster keep one history", () => {
  test.each(migrations.map((_, i) => i + 1))('Roster applies %i, Prisma the rest', async (count) => {
    expect(await migrateTo(database.url, count)).toEqual(migrationNames.slice(0, count));
    expect(await deploy()).toEqual(migrationNames.slice(count));
    expect(await pendingMigrations(migrationOptions(database.url))).toEqual([]);
  });

  test('Prisma applies the first one, Roster the rest', async () => {
    expect(await deploy(1)).toEqual(migrationNames.slice(0, 1));
    expect(await migrateTo(database.url, migrations.length)).toEqual(migrationNames.slice(1));
    expect(await deploy()).toEqual([]);
  });

  test('which looks the same, whoever made it', async () => {
    const other = await newUnmigratedDatabase();
    await migrateTo(other.url, migrations.length);
    await deploy();
    expect(await historyOf(other.url)).toEqual(await historyOf(database.url));
    await other.remove();
  });
});
