import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { migrate, pendingMigrations } from '../../src/db/migrate.ts';
import { readMigrations } from '../../src/db/migrations/files.ts';
import { MigrationRefused } from '../../src/db/migrations/refused.ts';
import type { DatabaseOptions } from '../../src/db/options.ts';
import { SqliteDatabase } from '../../src/db/sqlite/driver.ts';
import { openForMigrations } from '../../src/db/sqlite/migrations.ts';
import { OperatorError } from '../../src/errors.ts';
import { connectTo, temporaryDatabase, temporaryFolder } from '../support/database.ts';
import { roster } from '../support/processes.ts';

const names = readMigrations('sqlite').map(({ name }) => name);
const optionsFor = (file: string): DatabaseOptions => ({
  url: `file:${file}`,
  synchronous: 'normal',
  busyTimeoutMs: 20,
});
const newFile = () => join(temporaryFolder(), 'roster.db');

/** Everything in the folder of the file, byte by byte. */
function contents(file: string) {
  const folder = dirname(file);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => [name, statSync(join(folder, name)).isFile() ? readFileSync(join(folder, name), 'base64') : null]);
}

function migratedFile(change: string): string {
  const { file } = temporaryDatabase();
  runSql(file, change);
  return file;
}

function runSql(file: string, sql: string): void {
  const connection = new SqliteDatabase(file);
  connection.exec(sql);
  connection.close();
}

describe('a new file', () => {
  test('gets every migration once; the second run changes nothing', async () => {
    const file = newFile();
    const options = optionsFor(file);
    expect(await pendingMigrations(options)).toEqual(readMigrations('sqlite'));
    expect(await migrate(options)).toEqual(names);
    const before = contents(file);
    expect(await migrate(options)).toEqual([]);
    expect(contents(file)).toEqual(before);
    expect(contents(file).map(([name]) => name)).toEqual(['roster.db']);
  });

  test('may be there already, empty', async () => {
    const file = newFile();
    writeFileSync(file, '');
    expect(await migrate(optionsFor(file))).toEqual(names);
  });

  test('is recorded as Prisma Migrate records it', async () => {
    const file = newFile();
    await migrate(optionsFor(file));
    const rows = connectTo(file).prepare('SELECT * FROM _prisma_migrations').all();
    expect(rows).toMatchObject(
      readMigrations('sqlite').map(({ name, checksum }) => ({ migration_name: name, checksum, rolled_back_at: null })),
    );
  });
});

const refused: [string, () => string, RegExp][] = [
  [
    'of a newer version',
    () =>
      migratedFile(
        `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
         VALUES ('x', 'y', '99990101000000_future', 0, 1)`,
      ),
    /newer than this Roster.*99990101000000_future.*Start the version that made it/,
  ],
  [
    'whose migration was changed',
    () => migratedFile(`UPDATE _prisma_migrations SET checksum = 'other'`),
    /was changed after it had been applied.*Restore its file/,
  ],
  [
    'whose migration was interrupted',
    () => migratedFile('UPDATE _prisma_migrations SET finished_at = NULL'),
    /was interrupted.*Restore the database from a backup.*prisma migrate resolve --applied/,
  ],
  [
    'that is no database',
    () => {
      const file = newFile();
      writeFileSync(file, 'Dear diary, today I met a database. '.repeat(200));
      return file;
    },
    /cannot be read as an SQLite database: file is not a database.*set DATABASE_URL/,
  ],
  [
    'that is a folder',
    () => {
      const file = newFile();
      mkdirSync(file);
      return file;
    },
    /is not a file\. Set DATABASE_URL/,
  ],
  [
    'of another program',
    () => {
      const file = newFile();
      runSql(file, 'CREATE TABLE songs (title TEXT)');
      return file;
    },
    /database of something else.*Set DATABASE_URL/,
  ],
  ['in a folder that does not exist', () => join(newFile(), 'roster.db'), /folder.*does not exist.*Make it/],
];

describe('a file', () => {
  test.each(refused)('%s is refused with a way out, and no byte of it changes', async (_what, make, message) => {
    const file = make();
    const before = statSync(file, { throwIfNoEntry: false }) && contents(file);
    const refusal = await migrate(optionsFor(file)).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(OperatorError);
    expect((refusal as Error).message).toMatch(message);
    expect((refusal as Error).message).not.toContain('\n');
    expect(statSync(file, { throwIfNoEntry: false }) && contents(file)).toEqual(before);
  });

  test('that another process holds is refused as in use, and migrated when it is free', async () => {
    const file = newFile();
    const other = connectTo(file);
    other.exec('BEGIN IMMEDIATE');
    const refusal = await migrate(optionsFor(file)).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(MigrationRefused);
    expect((refusal as Error).message).toMatch(/in use by another process.*Stop that one/);
    other.exec('ROLLBACK');
    expect(await migrate(optionsFor(file))).toEqual(names);
  });
});

describe('whoever migrates', () => {
  test.each([
    ['a new file', newFile],
    ['a file with data', () => temporaryDatabase().file],
  ])('has %s to themselves from the start, so that nobody else begins on the same history', async (_what, make) => {
    const file = make();
    const other = connectTo(file);
    const migrator = openForMigrations(file, 20);
    const read = () => other.prepare('SELECT * FROM sqlite_master').all();
    expect(read).toThrow('locked');
    await expect(pendingMigrations(optionsFor(file))).rejects.toThrow('in use by another process');
    await migrator.close();
    expect(read).not.toThrow();
  });
});

describe('the command line', () => {
  test.each(['migrate', 'serve'])('%s ends with one sentence on a refused database, and no stack', async (command) => {
    const file = migratedFile('UPDATE _prisma_migrations SET finished_at = NULL');
    const { code, stdout, stderr } = await roster([command], { DATABASE_URL: `file:${file}` });
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^The migration \w+ was interrupted\. .*\n$/);
  });
});
