import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { CopyRefused, copyStore } from '../../src/db/copy.ts';
import { openDatabase } from '../../src/db/database.ts';
import { migrate } from '../../src/db/migrate.ts';
import { userRow } from '../support/database.ts';
import { freePort } from '../support/postgresql.ts';
import { createDatabase, databaseUrl, dropDatabase, execute } from '../support/postgresql-databases.ts';
import { newTestDatabase, roster, startRoster } from '../support/processes.ts';
import { createTestDatabase } from '../support/test-database.ts';

const options = { synchronous: 'normal', busyTimeoutMs: 2000 } as const;
const silent = { start: () => {}, update: () => {} };

/** A small store with every kind of row, made without the command line. */
async function smallFile(users = 30) {
  const { url } = newTestDatabase();
  await migrate({ ...options, url });
  const source = await openDatabase({ ...options, url });
  await source.transaction(async (tx) => {
    for (let i = 0; i < users; i += 1) {
      const id = `user_${String(i).padStart(26, '0')}`;
      const at = new Date(1_700_000_000_000 + i);
      const user = userRow(id, { firstName: 'Zoë 🙂', metadata: { b: '1', a: '' }, createdAt: at });
      const identities = {
        create: { id: `identity_${i}`, provider: 'XOAuth', idpId: `${i}`, createdAt: at, updatedAt: at },
      };
      await tx.user.create({ data: { ...user, ...(i % 2 && { identities }) } });
      if (i % 3 === 0) await tx.password.create({ data: { userId: id, hash: '{SSHA}x', type: 'ssha', changedAt: at } });
    }
    const at = new Date(1_700_000_000_000);
    for (const [id, ofUser] of [
      ['session_1', 0],
      ['session_2', 1],
    ] as const) {
      const userId = `user_${String(ofUser).padStart(26, '0')}`;
      const refreshTokens = { create: { hash: `hash of ${id}`, createdAt: at } };
      const times = { createdAt: at, updatedAt: at, expiresAt: at };
      await tx.session.create({ data: { id, userId, authMethod: 'password', ...times, refreshTokens } });
    }
    await tx.signingKey.create({ data: { id: 'kid', publicKey: '{}', encryptedPrivateKey: 'x', createdAt: at } });
    await tx.apiKey.create({ data: { id: 'key_1', name: 'backend', hash: 'h', createdAt: new Date() } });
  });
  await source.close();
  return url;
}

async function emptyTarget() {
  const target = await createTestDatabase();
  onTestFinished(target.remove);
  return target.url;
}

async function contents(url: string) {
  const db = await openDatabase({ ...options, url });
  const { reader } = db;
  const rows = {
    users: await reader.user.findMany({ orderBy: { id: 'asc' } }),
    identities: await reader.identity.findMany({ orderBy: { id: 'asc' } }),
    passwords: await reader.password.findMany(),
    sessions: await reader.session.findMany({ orderBy: { id: 'asc' } }),
    refreshTokens: await reader.refreshToken.findMany({ orderBy: { hash: 'asc' } }),
    signingKeys: await reader.signingKey.findMany(),
    keys: await reader.apiKey.findMany(),
  };
  await db.close();
  return rows;
}

describe('roster copy', () => {
  test('moves every row, counts and compares them, and the keys go on working', async () => {
    const [from, to] = [await smallFile(1100), await emptyTarget()];
    const { code, stdout, stderr } = await roster(['copy', '--from', from, '--to', to]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/users +1100 rows +sha256 [0-9a-f]{64}/);
    expect(stdout).toMatch(/passwords +367 rows/);
    expect(stdout).toMatch(/sessions +2 rows.*refresh_tokens +2 rows.*signing_keys +1 rows/s);
    expect(stdout).toContain('Both databases agree.');
    expect(await contents(to)).toEqual(await contents(from));
  });

  test('killed in the middle, it goes on where it stopped', async () => {
    const [{ url: from }, to] = [newTestDatabase(), await emptyTarget()];
    await roster(['seed', '--users', '6000'], { DATABASE_URL: from });
    const first = startRoster(['copy', '--from', from, '--to', to]);
    const target = await openDatabase({ ...options, url: to });
    while ((await target.reader.user.count()) === 0 && first.child.exitCode === null) await sleep(5);
    first.child.kill('SIGKILL');
    await once(first.child, 'close');
    const before = await target.reader.user.count();
    await target.close();
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(6000);
    let resumedAt = -1;
    const checks = await copyStore(
      { ...options, url: from },
      { ...options, url: to },
      {
        start: (_users, done) => {
          resumedAt = done;
        },
        update: () => {},
      },
    );
    expect(resumedAt).toBe(before);
    expect(checks.find(({ table }) => table === 'users')?.rows).toBe(6000);
    expect(await contents(to)).toEqual(await contents(from));
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
    new Sqlite(file).exec('VACUUM').close(); // an empty file, which a migration would fill
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
    await copyStore({ ...options, url: from }, { ...options, url: to }, silent);
    const before = await contents(to);
    const { code, stderr } = await roster(['copy', '--from', from, '--to', to]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^PostgreSQL at .* is not empty\. Copy to a new database\.\n$/);
    expect(stderr).not.toContain('postgres:postgres');
    expect(await contents(to)).toEqual(before);
  });

  test('finds a row that differs at the end', async () => {
    const [from, to] = [await smallFile(510), await emptyTarget()];
    const damage = {
      start: () => {},
      update: async () => {
        const target = await openDatabase({ ...options, url: to });
        await target.transaction((tx) => tx.user.updateMany({ where: {}, data: { firstName: 'X' } }));
        await target.close();
      },
    };
    await expect(copyStore({ ...options, url: from }, { ...options, url: to }, damage)).rejects.toThrow(
      /The table users does not agree/,
    );
  });

  test('nobody writes to the source meanwhile', async () => {
    const [from, to] = [await smallFile(), await emptyTarget()];
    const source = await openDatabase({ ...options, url: from, busyTimeoutMs: 50 });
    let refused: unknown;
    const during = {
      start: () => {},
      update: async () => {
        refused = await source.transaction((tx) => tx.user.deleteMany({})).catch((error: unknown) => error);
      },
    };
    await copyStore({ ...options, url: from }, { ...options, url: to }, during);
    expect(refused).toMatchObject({ code: 'service_unavailable' });
    await source.close();
  });

  test('goes only from a file to a server', async () => {
    const to = inject('postgresqlUrl');
    await expect(copyStore({ ...options, url: to }, { ...options, url: to }, silent)).rejects.toThrow(CopyRefused);
    await expect(copyStore({ ...options, url: 'file:a' }, { ...options, url: 'file:b' }, silent)).rejects.toThrow(
      CopyRefused,
    );
  });
});
