import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { adapterFor } from '../../src/db/dialects.ts';
import { toDomainError } from '../../src/db/errors.ts';
import { checkReadiness } from '../../src/db/readiness.ts';
import { PrismaClient } from '../../src/generated/sqlite/client.ts';
import { connectTo, rename, temporaryDatabase, userRow } from '../support/database.ts';

async function open(busyTimeoutMs: number) {
  const { file, options } = temporaryDatabase(busyTimeoutMs);
  const db = await openDatabase(options);
  onTestFinished(() => db.close());
  await db.transaction((tx) => tx.prisma.user.create({ data: userRow('a') }));
  const other = connectTo(file);
  const name = () => other.prepare('SELECT first_name FROM users').pluck().get();
  return { file, options, db, other, name };
}

/** A client whose connection is prepared by a script, and the connection. The rest of the way is as in the service. */
async function openPrepared(script: string) {
  const { file, options } = temporaryDatabase(20);
  const factory = await adapterFor(options, 'write');
  const connected: SqlDriverAdapter[] = [];
  const connect = async () => {
    const adapter = await factory.connect();
    await adapter.executeScript(script);
    connected.push(adapter);
    return adapter;
  };
  const client = new PrismaClient({ adapter: { ...factory, connect } });
  await client.$connect();
  onTestFinished(() => client.$disconnect());
  const transaction = (id: string, firstName = 'short') =>
    client.$transaction((tx) => tx.user.create({ data: userRow(id, { firstName }) })).then(() => id);
  const run = (sql: string) => Promise.all(connected.map((adapter) => adapter.executeScript(sql)));
  const ids = () => connectTo(file).prepare('SELECT id FROM users ORDER BY rowid').pluck().all();
  return { file, client, transaction, run, ids };
}

describe('while another process writes', () => {
  test('a write waits, this process goes on, and the write succeeds when the file is free', async () => {
    const { db, other, name } = await open(20_000);
    other.exec('BEGIN IMMEDIATE');
    const waiting = db.transaction((tx) => rename(tx, 'a', 'Patient'));
    expect(await db.reader.user.findUnique({ where: { id: 'a' } })).toMatchObject({ firstName: null });
    setTimeout(() => other.exec('COMMIT'), 20); // never comes when the wait blocks the event loop
    await waiting;
    expect(name()).toBe('Patient');
  });

  test('a write is refused when it takes too long, leaves nothing behind, and later ones work', async () => {
    const { db, other, name } = await open(20);
    other.exec('BEGIN IMMEDIATE');
    const writes = ['One', 'Two', 'Three'].map((text) => db.transaction((tx) => rename(tx, 'a', text)));
    for (const write of writes) {
      await expect(write).rejects.toMatchObject({
        name: 'DomainError',
        code: 'service_unavailable',
        details: { retryAfterSeconds: 1 },
      });
    }
    other.exec('COMMIT');
    expect(name()).toBeNull();
    await db.transaction((tx) => rename(tx, 'a', 'Later'));
    expect(name()).toBe('Later');
  });

  test('the service is not ready, and is ready again afterwards', async () => {
    const { db, other } = await open(20);
    const app = { db, log: pino({ level: 'silent' }), now: () => new Date() };
    expect(await checkReadiness(app)()).toBe(true);
    other.exec('BEGIN IMMEDIATE');
    expect(await checkReadiness(app)()).toBe(false);
    other.exec('COMMIT');
    expect(await checkReadiness(app)()).toBe(true);
  });

  test('opening waits for the file too', async () => {
    const { file, options } = temporaryDatabase(20_000);
    const holder = fileURLToPath(new URL('../support/lock-holder.mjs', import.meta.url));
    const child = spawn(process.execPath, [holder, file], { stdio: ['pipe', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill());
    await once(child.stdout, 'data');
    child.stdin.end('200');
    const db = await openDatabase(options);
    onTestFinished(() => db.close());
    await db.transaction((tx) => tx.prisma.user.create({ data: userRow('a') }));
  });
});

describe('a COMMIT that fails', () => {
  test('because a reader holds the file refuses its writes; the connection is not poisoned', async () => {
    const { file, transaction, ids } = await openPrepared('PRAGMA journal_mode = DELETE');
    const reader = connectTo(file);
    reader.exec('BEGIN; SELECT * FROM users');
    const refused = await Promise.allSettled([transaction('a'), transaction('b')]);
    for (const result of refused) {
      if (result.status === 'fulfilled') throw new Error(`${result.value} was acknowledged`);
      expect(toDomainError(result.reason)).toMatchObject({ code: 'service_unavailable' });
    }
    reader.exec('COMMIT');
    expect(ids()).toEqual([]);
    await transaction('c');
    expect(ids()).toEqual(['c']);
  });
});

describe('a full disk', () => {
  test('refuses the writes that share the commit, keeps the acknowledged ones, and is forgotten with room again', async () => {
    const { transaction, run, ids } = await openPrepared('');
    await transaction('acknowledged');
    await run('PRAGMA max_page_count = 1');
    const results = await Promise.allSettled(
      Array.from({ length: 5 }, (_, i) => transaction(`u${i}`, 'x'.repeat(20_000))),
    );
    expect(results.map(({ status }) => status)).toEqual(Array(5).fill('rejected'));
    expect(ids()).toEqual(['acknowledged']);
    await run('PRAGMA max_page_count = 1000000');
    await transaction('after', 'x'.repeat(20_000));
    expect(ids()).toEqual(['acknowledged', 'after']);
  });

  test('lets no part of a transaction stand, not even when its own code goes on after the error', async () => {
    const { client, run, ids } = await openPrepared('PRAGMA max_page_count = 1');
    const name = 'x'.repeat(20_000);
    const stubborn = client.$transaction(async (tx) => {
      // SQLite undoes the whole transaction here, because a plain INSERT keeps no statement journal.
      await tx.$executeRaw`INSERT INTO api_keys (id, name, hash, created_at, last_used_at, revoked_at) VALUES ('key', ${name}, 'hash', '', NULL, NULL)`.catch(
        () => {},
      );
      await tx.user.create({ data: userRow('a') }).catch(() => {});
    });
    await expect(stubborn).rejects.toThrow();
    expect(ids()).toEqual([]);
    await run('PRAGMA max_page_count = 1000000');
    await client.user.create({ data: userRow('b') });
    expect(ids()).toEqual(['b']);
  });
});
