import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { databaseUrl, execute } from '../../scripts/postgresql-databases.ts';
import { freePort } from '../../scripts/postgresql-server.ts';
import { appliedNames, contents, emptyDatabase, migratedDatabase, names } from '../support/migrating.ts';
import { roster } from '../support/processes.ts';
import { send, serveHere } from '../support/server.ts';

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
    const server = await serveHere({ DATABASE_URL: url });
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
    const server = await serveHere({ DATABASE_URL: url }, { migrate: true });
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
