import { onTestFinished } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { defaultPool } from '../../src/db/options.ts';
import { type StoredHashType, storedHashTypes } from '../../src/passwords/stored-password.ts';
import { userRow } from './database.ts';
import { newTestDatabase } from './processes.ts';
import { createTestDatabase } from './test-database.ts';

const pool = { ...defaultPool, connectTimeoutMs: 30_000, statementTimeoutMs: 30_000 };
export const copyOptions = { synchronous: 'normal', busyTimeoutMs: 2000, pool } as const;

/** The id of the user with this number. */
export function numberedId(i: number): string {
  return `user_${String(i).padStart(26, '0')}`;
}

/** A small store with every kind of row, made without the command line. */
export async function smallFile(users = 30) {
  const { url } = newTestDatabase({ isMigrated: true });
  const source = await openDatabase({ ...copyOptions, url });
  await source.transaction(async (tx) => {
    const people = Array.from({ length: users }, (_, i) => ({
      i,
      id: numberedId(i),
      at: new Date(1_700_000_000_000 + i),
    }));
    const stored = { firstName: 'Zoë 🙂', metadata: { b: '1', a: '' } };
    await tx.prisma.user.createMany({ data: people.map(({ id, at }) => userRow(id, { ...stored, createdAt: at })) });
    const [odd, thirds] = [people.filter(({ i }) => i % 2), people.filter(({ i }) => i % 3 === 0)];
    await tx.prisma.identity.createMany({
      data: odd.map(({ i, id: userId, at }) => {
        return { id: `identity_${i}`, userId, provider: 'XOAuth', idpId: `${i}`, createdAt: at, updatedAt: at };
      }),
    });
    await tx.prisma.password.createMany({
      data: thirds.map(({ i, id, at }) => {
        const type = storedHashTypes[(i / 3) % storedHashTypes.length] as StoredHashType; // those of an import, too
        return { userId: id, hash: `hash ${i}`, type, changedAt: at };
      }),
    });
    const at = new Date(1_700_000_000_000);
    for (const [id, ofUser] of [
      ['session_1', 0],
      ['session_2', 1],
    ] as const) {
      const userId = numberedId(ofUser);
      const refreshTokenFamily = { create: { key: `key of ${id}`, salt: 's', hash: 'h', createdAt: at } };
      const times = { createdAt: at, updatedAt: at, expiresAt: at };
      await tx.prisma.session.create({ data: { id, userId, authMethod: 'password', ...times, refreshTokenFamily } });
      await tx.prisma.refreshToken.create({ data: { hash: `hash of ${id}`, sessionId: id, createdAt: at } });
    }
    const expires = { createdAt: at, expiresAt: at };
    for (const [id, userId] of [
      ['magic_auth_1', numberedId(0)],
      ['magic_auth_2', null],
    ] as const) {
      const email = `${id}@example.com`;
      const address = { email, emailCanonical: email };
      const code = { id, purpose: 'magic_auth', userId, ...address, digest: `digest of ${id}`, sealed: 'x' };
      await tx.prisma.oneTimeCode.create({ data: { ...code, ...expires } });
    }
    await tx.prisma.signingKey.create({
      data: { id: 'kid', publicKey: '{}', encryptedPrivateKey: 'x', createdAt: at },
    });
    const job = { id: 'job_1', kind: 'jobs.cleanup', key: 'jobs.cleanup', payload: { b: 1, a: ['x'] }, runAt: at };
    await tx.prisma.job.create({ data: { ...job, intervalSeconds: 86_400, createdAt: at } });
    const mail = {
      id: 'mail_1',
      template: 'password-changed',
      locale: 'de',
      address: 'ada@example.com',
    };
    const times = { createdAt: at, expiresAt: at };
    await tx.prisma.mailMessage.create({
      data: { ...mail, userId: numberedId(0), sealedParameters: 'x', cause: 'd', dueAt: at, ...times },
    });
    for (let i = 1; i <= 3; i += 1) {
      const ofUser = { userId: numberedId(0), userVersion: 1, requestId: i === 2 ? 'request' : null };
      const actor = { actorKind: 'api_key', actorId: 'key_1', actorName: 'backend' };
      const body = { id: `event_${i}`, position: i + 7, type: 'user.updated', body: '{"b":1,"a":"é"}', createdAt: at };
      await tx.prisma.event.create({ data: { ...body, ...ofUser, ...actor } });
    }
    await tx.prisma.eventSequence.create({ data: { id: 'events', position: 10, createdAt: at } });
    const endpoint = { id: 'we_1', url: 'https://a.example/', sealedSecret: 's', eventTypes: 'user.updated' };
    const dates = { createdAt: at, updatedAt: at };
    await tx.prisma.webhookEndpoint.create({ data: { ...endpoint, ...dates, payloadVersion: '2026-11-26' } });
    const delivery = { endpointId: 'we_1', eventId: 'event_1', position: 8, createdAt: at };
    await tx.prisma.webhookDelivery.create({ data: { ...delivery, id: 'whd_1', dueAt: at } });
    await tx.prisma.webhookDelivery.create({ data: { ...delivery, id: 'whd_2', state: 'delivered', finishedAt: at } });
    const answered = { id: 'request_1', sealedAnswer: 'x', userId: numberedId(0), createdAt: at, expiresAt: at };
    await tx.prisma.idempotentRequest.create({ data: answered });
    const kept = { format: 'csv', files: 'users.csv', records: 3, counts: { created: 3 } };
    await tx.prisma.import.create({ data: { ...kept, id: 'import_1', startedAt: at, updatedAt: at, finishedAt: at } });
    await tx.prisma.apiKey.create({ data: { id: 'key_1', name: 'backend', hash: 'h', createdAt: new Date() } });
  });
  await source.close();
  return url;
}

/** A migrated PostgreSQL database without a row. */
export async function emptyTarget() {
  const target = await createTestDatabase();
  onTestFinished(target.remove);
  return target.url;
}

/** Every row that a copy has to bring over, in the order of its keys: PostgreSQL gives rows in any order where none is asked for. */
export async function contents(url: string) {
  const db = await openDatabase({ ...copyOptions, url });
  const { reader } = db;
  const rows = {
    users: await reader.user.findMany({ orderBy: { id: 'asc' } }),
    identities: await reader.identity.findMany({ orderBy: { id: 'asc' } }),
    passwords: await reader.password.findMany({ orderBy: { userId: 'asc' } }),
    sessions: await reader.session.findMany({ orderBy: { id: 'asc' } }),
    families: await reader.refreshTokenFamily.findMany({ orderBy: { sessionId: 'asc' } }),
    refreshTokens: await reader.refreshToken.findMany({ orderBy: { hash: 'asc' } }),
    codes: await reader.oneTimeCode.findMany({ orderBy: { id: 'asc' } }),
    signingKeys: await reader.signingKey.findMany({ orderBy: { id: 'asc' } }),
    keys: await reader.apiKey.findMany({ orderBy: { id: 'asc' } }),
    jobs: await reader.job.findMany({ orderBy: { id: 'asc' } }),
    mailMessages: await reader.mailMessage.findMany({ orderBy: { id: 'asc' } }),
    events: await reader.event.findMany({ orderBy: { id: 'asc' } }),
    eventSequences: await reader.eventSequence.findMany({ orderBy: { id: 'asc' } }),
    webhookEndpoints: await reader.webhookEndpoint.findMany({ orderBy: { id: 'asc' } }),
    idempotentRequests: await reader.idempotentRequest.findMany({ orderBy: { id: 'asc' } }),
    imports: await reader.import.findMany({ orderBy: { id: 'asc' } }),
    webhookDeliveries: await reader.webhookDelivery.findMany({ where: { state: 'pending' }, orderBy: { id: 'asc' } }),
  };
  await db.close();
  return rows;
}

/** The progress of a copy that nobody watches. */
export const silent = { start: () => {}, update: () => {} };
