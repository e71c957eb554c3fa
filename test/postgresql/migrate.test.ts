import pg from 'pg';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { createDatabase, databaseUrl, dropDatabase, execute } from '../../scripts/postgresql-databases.ts';
import { freePort } from '../../scripts/postgresql-server.ts';
import { readMigrations } from '../../src/db/migrations/files.ts';
import { migrationLock } from '../../src/db/postgresql/migrations.ts';
import { countWaiting } from '../support/hold-writes.ts';
import { roster, startRoster } from '../support/processes.ts';
import { send, startServerProcess } from '../support/server.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { waitFor } from '../support/wait.ts';

const names = readMigrations('postgresql').map(({ name }) => name);

async function emptyDatabase(): Promise<string> {
  const [serverUrl, name] = [inject('postgresqlUrl'), `roster_empty_${Math.random().toString(36).slice(2)}`];
  await createDatabase(serverUrl, name);
  onTestFinished(() => dropDatabase(serverUrl, name));
  return databaseUrl(serverUrl, name);
}

async function migratedDatabase(change: string): Promise<string> {
  const database = await createTestDatabase();
  onTestFinished(database.remove);
  await execute(database.url, change);
  return database.url;
}

/** Every table with its rows, and what the catalogue says of them. */
async function contents(url: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(
    `SELECT relname, relkind, query_to_xml(format('SELECT * FROM %I', relname), true, true, '')::text AS content
     FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname`,
  );
  await client.end();
  return rows;
}

function appliedNames(url: string) {
  return contents(url).then((tables) => JSON.stringify(tables).match(/<migration_name>\w+/g) ?? []);
}

/** Holds the lock of migrations, as a process does that migrates this database, until it is told to let go. */
async function holdMigrations(url: string) {
  const migrator = new pg.Client({ connectionString: url });
  await migrator.connect();
  await migrator.query('SELECT pg_advisory_lock($1)', [migrationLock]);
  return {
    untilWaiting: (count: number) =>
      waitFor(`${count} waiting processes`, async () => (await countWaiting(migrator)) === count || null, 50_000),
    finish: (sql: string) => migrator.query(sql).then(() => migrator.end()),
  };
}

test('ten processes that migrate one empty database at once: all succeed, one of them applies, each migration once', async () => {
  const url = await emptyDatabase();
  const held = await holdMigrations(url);
  const runs = Array.from({ length: 10 }, () => roster(['migrate'], { DATABASE_URL: url }));
  await held.untilWaiting(10); // each has seen that the database is empty
  await held.finish('');
  const ended = await Promise.all(runs);
  expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(10).fill({ code: 0, stderr: '' }));
  const outputs = ended.map(({ stdout }) => stdout).sort();
  expect(outputs).toEqual([
    names.map((name) => `Applied ${name}.\n`).join(''),
    ...Array(9).fill('The database is up to date.\n'),
  ]);
  expect(await appliedNames(url)).toEqual(names.map((name) => `<migration_name>${name}`));
});

test('whoever looks while another process migrates waits for its end, and does not call it interrupted', async () => {
  const url = await migratedDatabase('UPDATE _prisma_migrations SET finished_at = NULL');
  const held = await holdMigrations(url);
  const [migrate, serve] = ['migrate', 'serve'].map((command) =>
    startRoster([command], { DATABASE_URL: url, PORT: '0' }),
  );
  onTestFinished(() => void serve?.child.kill('SIGKILL'));
  await held.untilWaiting(2);
  await held.finish('UPDATE _prisma_migrations SET finished_at = now()');
  expect(await migrate?.ended).toMatchObject({ code: 0, stdout: 'The database is up to date.\n' });
  await waitFor('the server to listen', () => serve?.output().includes('Roster is running') || null);
});

describe('roster serve on a schema that is behind', () => {
  test('refuses, names the command that mends it, and touches nothing; the command mends it', async () => {
    const url = await emptyDatabase();
    const { code, stdout, stderr } = await roster(['serve'], { DATABASE_URL: url, PORT: '0' });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^The schema of the database is behind: it lacks \w.*\. Run "node dist\/main\.js migrate", or start with "node dist\/main\.js serve --migrate"\.\n$/,
    );
    for (const name of names) expect(stderr).toContain(name);
    expect(await contents(url)).toEqual([]);
    expect((await roster(['migrate'], { DATABASE_URL: url })).code).toBe(0);
    const server = await startServerProcess({ DATABASE_URL: url });
    onTestFinished(() => server.dispose());
    expect((await send(`${server.url}/ready`)).status).toBe(200);
  });

  test.each([
    ['api-key', 'list'],
    ['api-key', 'create', 'backend'],
    ['api-key', 'revoke', 'key_01E4ZCR3C56J083X43JQXF3JK5'],
    ['signing-key', 'list'],
    ['signing-key', 'rotate'],
    ['seed', '--users', '1'],
  ])('so does %s %s, with the same sentence', async (...args) => {
    const url = await emptyDatabase();
    const { code, stdout, stderr } = await roster(args, { DATABASE_URL: url });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^The schema of the database is behind: [^\n]+ Run "node dist\/main\.js migrate", or [^\n]+\n$/,
    );
    expect(await contents(url)).toEqual([]);
  });

  test('migrates by itself when told to', async () => {
    const url = await emptyDatabase();
    const server = await startServerProcess({ DATABASE_URL: url }, ['--migrate']);
    onTestFinished(() => server.dispose());
    expect((await send(`${server.url}/ready`)).status).toBe(200);
    expect(await appliedNames(url)).toEqual(names.map((name) => `<migration_name>${name}`));
  });
});

const refused: [string, () => Promise<string>, RegExp][] = [
  [
    'of a newer version',
    () =>
      migratedDatabase(
        `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
         VALUES ('x', 'y', '99990101000000_future', now(), 1)`,
      ),
    /newer than this Roster.*99990101000000_future.*Start the version that made it/,
  ],
  [
    'whose migration was changed',
    () => migratedDatabase(`UPDATE _prisma_migrations SET checksum = 'other'`),
    /was changed after it had been applied.*Restore its file/,
  ],
  [
    'whose migration was interrupted',
    () => migratedDatabase('UPDATE _prisma_migrations SET finished_at = NULL'),
    /was interrupted.*Restore the database from a backup.*prisma migrate resolve --applied/,
  ],
  [
    'of another program',
    async () => {
      const url = await emptyDatabase();
      await execute(url, 'CREATE TABLE songs (title text)');
      return url;
    },
    /PostgreSQL at [\w.:]+\/\w+ is a database of something else.*Set DATABASE_URL/,
  ],
];

describe('a database', () => {
  test.each(refused)(
    '%s is refused in one sentence without the password, and nothing in it changes',
    async (_what, make, message) => {
      const url = await make();
      const before = await contents(url);
      for (const args of [['migrate'], ['serve']]) {
        const { code, stdout, stderr } = await roster(args, { DATABASE_URL: url, PORT: '0' });
        expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
        expect(stderr).toMatch(message);
        expect(stderr).toMatch(/^[^\n]+\n$/);
        expect(stderr).not.toContain('postgres:postgres');
      }
      expect(await contents(url)).toEqual(before);
    },
  );
});

describe('a server', () => {
  test.each([
    [
      'that is not there',
      async () => `postgresql://someone:s3cret@127.0.0.1:${await freePort()}/roster`,
      /cannot be used/,
    ],
    [
      'that has no such database',
      async () => databaseUrl(inject('postgresqlUrl'), 'missing'),
      /database "missing" does not exist/,
    ],
    [
      'that does not know the password',
      async () => inject('postgresqlUrl').replace(':postgres@', ':s3cret@'),
      /password authentication failed/,
    ],
    ['whose name is none', async () => 'postgresql://someone:s3cret@nonsense.invalid/roster', /nonsense\.invalid/],
  ])('%s: one sentence, without the password, and the command fails', async (_what, make, message) => {
    const url = await make();
    for (const command of ['migrate', 'serve']) {
      const { code, stdout, stderr } = await roster([command], { DATABASE_URL: url, PORT: '0' });
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(message);
      expect(stderr).toMatch(/^PostgreSQL at [^\n]+ cannot be used: [^\n]+\.\n$/);
      expect(stderr).not.toMatch(/s3cret|undefined|postgres:postgres/);
    }
  });
});
