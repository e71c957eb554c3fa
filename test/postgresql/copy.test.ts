import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { createDatabase, databaseUrl, dropDatabase, execute } from '../../scripts/postgresql-databases.ts';
import { freePort } from '../../scripts/postgresql-server.ts';
import { sqlitePath } from '../../src/config/database-url.ts';
import { copiedTables } from '../../src/db/copied-tables.ts';
import { CopyRefused, copyStore } from '../../src/db/copy.ts';
import { openDatabase } from '../../src/db/database.ts';
import { SqliteDatabase } from '../../src/db/sqlite/driver.ts';
import { contents, copyOptions, emptyTarget, numberedId, silent, smallFile } from '../support/copies.ts';
import { newTestDatabase, roster } from '../support/processes.ts';

describe('roster copy', () => {
  test('moves every row, counts and compares them, and the keys go on working', async () => {
    const [from, to] = [await smallFile(1100), await emptyTarget()];
    const { code, stdout, stderr } = await roster(['copy', '--from', from, '--to', to]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/users +1100 rows +sha256 [0-9a-f]{64}/);
    expect(stdout).toMatch(/passwords +367 rows/);
    expect(stdout).toMatch(
      /sessions +2 rows.*refresh_token_families +2 rows.*refresh_tokens +2 rows.*signing_keys +1 rows/s,
    );
    expect(stdout).toMatch(/webhook_deliveries +1 rows/); // those that are still to be made
    expect(stdout).toContain('Both databases agree.');
    const copied = await contents(to);
    expect(copied).toEqual(await contents(from));
    expect(Object.keys(copied)).toHaveLength(copiedTables().length);
    for (const [table, rows] of Object.entries(copied)) expect(rows, table).not.toEqual([]);
  });

  test('takes URLs from the environment and from a file, and says what is missing there', async () => {
    const [from, to] = [await smallFile(3), await emptyTarget()];
    const { folder } = newTestDatabase();
    const file = join(folder, 'url');
    writeFileSync(file, `${from}\n`);
    const args = ['copy', '--from', `@${file}`, '--to', 'env:TARGET'];
    expect(await roster(args)).toMatchObject({ code: 1, stderr: '--to: the variable TARGET is not set.\n' });
    expect(await roster(args, { TARGET: to })).toMatchObject({ code: 0, stderr: '' });
    expect(await contents(to)).toEqual(await contents(from));
    writeFileSync(file, '');
    expect(await roster(args, { TARGET: to })).toMatchObject({ code: 1, stderr: `--from: @${file} is empty.\n` });
    const missing = await roster(['copy', '--from', `@${file}x`, '--to', 'env:TARGET'], { TARGET: to });
    expect(missing).toMatchObject({ code: 1, stderr: `There is no file ${file}x.\n` });
  });

  test('refuses a source that is not there, and makes nothing', async () => {
    const [{ file, url: from, folder }, to] = [newTestDatabase(), await emptyTarget()];
    expect(await roster(['copy', '--from', from, '--to', to])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `There is no file ${file}. --from is the store to copy.\n`,
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('refuses a target that is away, and leaves the source as it was', async () => {
    const { file, url: from, folder } = newTestDatabase();
    new SqliteDatabase(file).exec('VACUUM').close(); // an empty file, which a migration would fill
    const before = readFileSync(file);
    const to = `postgresql://someone:s3cret@127.0.0.1:${await freePort()}/roster`;
    const { code, stdout, stderr } = await roster(['copy', '--from', from, '--to', to]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^PostgreSQL at 127\.0\.0\.1:\d+\/roster cannot be used: [^\n]+\n$/);
    expect(readdirSync(folder)).toEqual(['roster.db']);
    expect(readFileSync(file)).toEqual(before);
  });

  test.each([
    ['--from', 'mysql://host/roster', 'expected file:PATH or postgresql://…'],
    ['--to', 'postgresql://user:s3#cret@host/roster', 'not a URL; percent-encode'],
  ])('refuses %s %s in one sentence that does not repeat it', async (option, url, message) => {
    const urls = { '--from': await smallFile(), '--to': await emptyTarget(), [option]: url };
    const { code, stdout, stderr } = await roster(['copy', ...Object.entries(urls).flat()]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).toContain(`${option}: ${message}`);
    expect(stderr).not.toContain('cret');
  });

  test('refuses the wrong way round before it touches either', async () => {
    const [serverUrl, name] = [inject('postgresqlUrl'), `roster_empty_${process.pid}`];
    await createDatabase(serverUrl, name);
    onTestFinished(() => dropDatabase(serverUrl, name));
    const empty = databaseUrl(serverUrl, name);
    const { url, folder } = newTestDatabase();
    const { code, stderr } = await roster(['copy', '--from', empty, '--to', url]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'The source must be an SQLite file: --from file:PATH\n' });
    expect(readdirSync(folder)).toEqual([]);
    await expect(execute(empty, 'SELECT 1 FROM users')).rejects.toThrow('does not exist');
  });

  test('refuses a target that is not empty, and touches nothing', async () => {
    const [from, to] = [await smallFile(), await emptyTarget()];
    await copyStore({ ...copyOptions, url: await smallFile(29) }, { ...copyOptions, url: to }, silent);
    const before = await contents(to);
    const { code, stderr } = await roster(['copy', '--from', from, '--to', to]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^PostgreSQL at .* is not empty\. Copy to a new database\.\n$/);
    expect(stderr).not.toContain('postgres:postgres');
    expect(await contents(to)).toEqual(before);
  });

  test('refuses a target that was finished and used since, as one that is not empty', async () => {
    const [from, to] = [await smallFile(), await emptyTarget()];
    await copyStore({ ...copyOptions, url: from }, { ...copyOptions, url: to }, silent);
    await execute(to, `UPDATE users SET first_name = 'X' WHERE id = '${numberedId(7)}'`);
    const { code, stderr } = await roster(['copy', '--from', from, '--to', to]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/is not empty\. Copy to a new database\.\n$/),
    });
  });

  test('says that it is done where it was killed after its last step', async () => {
    const [from, to] = [await smallFile(), await emptyTarget()];
    const first = await roster(['copy', '--from', from, '--to', to]);
    const again = await roster(['copy', '--from', from, '--to', to]);
    expect(again).toEqual({ ...first, code: 0, stderr: '' });
    expect(again.stdout).toContain('Both databases agree.');
  });

  test('moves the rows of every table, but those that are of one database alone', async () => {
    const [from, to] = [await smallFile(), await emptyTarget()];
    const checks = await copyStore({ ...copyOptions, url: from }, { ...copyOptions, url: to }, silent);
    const connection = new SqliteDatabase(sqlitePath(from), { readonly: true });
    const tables = connection
      .prepare(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'`)
      .pluck()
      .all();
    connection.close();
    const ofOneDatabase = ['_prisma_migrations', 'readiness', 'unnumbered_events'];
    expect(checks.map(({ table }) => table).sort()).toEqual(
      tables.filter((name) => !ofOneDatabase.includes(name as string)).sort(),
    );
    expect(checks.filter(({ rows }) => rows === 0).map(({ table }) => `${table}: give it a row in smallFile`)).toEqual(
      [],
    );
  });

  test('agrees with a target that sorts text in the order of a language', async () => {
    const [from, serverUrl, name] = [await smallFile(), inject('postgresqlUrl'), `roster_language_${process.pid}`];
    await execute(serverUrl, `CREATE DATABASE "${name}" TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'`);
    onTestFinished(() => dropDatabase(serverUrl, name));
    const source = await openDatabase({ ...copyOptions, url: from });
    const createdAt = new Date();
    await source.transaction(async (tx) => {
      for (const id of ['aB', 'Ab', '_x', '-y', 'Zz', 'zA']) {
        await tx.prisma.signingKey.create({ data: { id, publicKey: '{}', encryptedPrivateKey: 'x', createdAt } });
      }
    });
    await source.close();
    const to = databaseUrl(serverUrl, name);
    const checks = await copyStore({ ...copyOptions, url: from }, { ...copyOptions, url: to }, silent);
    expect(checks.find(({ table }) => table === 'signing_keys')?.rows).toBe(7);
  });

  test('a source that another copy has to itself is refused in a sentence', async () => {
    const [from, to] = [await smallFile(), await emptyTarget()];
    const other = new SqliteDatabase(sqlitePath(from));
    other.exec('BEGIN IMMEDIATE');
    const { code, stderr } = await roster(['copy', '--from', from, '--to', to], { DATABASE_BUSY_TIMEOUT_MS: '20' });
    other.close();
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^[^\n]+ is in use by another process\.[^\n]+\n$/),
    });
  });

  test('finds a row that differs at the end', async () => {
    const [from, to] = [await smallFile(510), await emptyTarget()];
    const damage = {
      start: () => {},
      update: async () => {
        const target = await openDatabase({ ...copyOptions, url: to });
        await target.transaction((tx) => tx.prisma.user.updateMany({ where: {}, data: { firstName: 'X' } }));
        await target.close();
      },
    };
    await expect(copyStore({ ...copyOptions, url: from }, { ...copyOptions, url: to }, damage)).rejects.toThrow(
      /The table users does not agree/,
    );
  });

  test('nobody writes to the source meanwhile', async () => {
    const [from, to] = [await smallFile(), await emptyTarget()];
    const source = await openDatabase({ ...copyOptions, url: from, busyTimeoutMs: 50 });
    let refused: unknown;
    const during = {
      start: () => {},
      update: async () => {
        refused = await source.transaction((tx) => tx.prisma.user.deleteMany({})).catch((error: unknown) => error);
      },
    };
    await copyStore({ ...copyOptions, url: from }, { ...copyOptions, url: to }, during);
    expect(refused).toMatchObject({ code: 'service_unavailable' });
    await source.close();
  });

  test('goes only from a file to a server', async () => {
    const to = inject('postgresqlUrl');
    await expect(copyStore({ ...copyOptions, url: to }, { ...copyOptions, url: to }, silent)).rejects.toThrow(
      CopyRefused,
    );
    await expect(
      copyStore({ ...copyOptions, url: 'file:a' }, { ...copyOptions, url: 'file:b' }, silent),
    ).rejects.toThrow(CopyRefused);
  });
});
