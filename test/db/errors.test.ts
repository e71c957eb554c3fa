import { DriverAdapterError } from '@prisma/driver-adapter-utils';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Database, openDatabase, type Transaction } from '../../src/db/database.ts';
import { reasonOf, toDomainError, violatedConstraint } from '../../src/db/errors.ts';
import { temporaryDatabase, userRow } from '../support/database.ts';

const at = new Date('2026-01-15T12:00:00.000Z');
const identity = (id: string, userId: string) =>
  ({ id, userId, provider: 'GoogleOAuth', idpId: '1', createdAt: at, updatedAt: at }) as const;

async function open(): Promise<Database> {
  const db = await openDatabase(temporaryDatabase().options);
  onTestFinished(() => db.close());
  await db.transaction(async (tx) => {
    await tx.prisma.user.create({ data: userRow('a', { externalId: 'x' }) });
    await tx.prisma.identity.create({ data: identity('i', 'a') });
    await tx.prisma.apiKey.create({ data: { id: 'k', name: 'key', hash: 'h', createdAt: at } });
  });
  return db;
}

const clashes: [string, (tx: Transaction) => Promise<unknown>][] = [
  [
    'users_email_canonical_key',
    (tx) => tx.prisma.user.create({ data: userRow('b', { emailCanonical: 'a@example.com' }) }),
  ],
  ['users_external_id_key', (tx) => tx.prisma.user.create({ data: userRow('b', { externalId: 'x' }) })],
  ['identities_provider_idp_id_key', (tx) => tx.prisma.identity.create({ data: identity('j', 'a') })],
  ['api_keys_hash_key', (tx) => tx.prisma.apiKey.create({ data: { id: 'l', name: 'key', hash: 'h', createdAt: at } })],
];

describe('a value that is taken', () => {
  test.each(clashes)('is refused with the name of its constraint: %s', async (constraint, write) => {
    const db = await open();
    const error = await db.transaction(write).catch((thrown: unknown) => thrown);
    expect(violatedConstraint(error)).toBe(constraint);
  });
});

describe('a disk that is full, read-only or broken, or a file that cannot be opened', () => {
  test.each([
    ...['SQLITE_FULL', 'SQLITE_READONLY', 'SQLITE_READONLY_DBMOVED', 'SQLITE_READONLY_DIRECTORY'],
    ...['SQLITE_IOERR', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_FSYNC', 'SQLITE_CANTOPEN', 'SQLITE_CANTOPEN_ISDIR'],
    ...['53100', '25006', '58030', '58P01'],
  ])('means that the database is away, on both databases: %s', (originalCode) => {
    const error = new DriverAdapterError({
      kind: 'sqlite',
      extendedCode: 1,
      message: 'm',
      originalCode,
      originalMessage: 'm',
    });
    expect(toDomainError(error)).toMatchObject({ code: 'service_unavailable' });
    expect(reasonOf(error)).toBe('m');
  });
});

describe('an error that is not about a taken value or a busy database', () => {
  test('names no constraint and stays what it is', () => {
    const error = new Error('a bug');
    expect(violatedConstraint(error)).toBeNull();
    expect(toDomainError(error)).toBe(error);
  });

  test('such as a user that is missing, passes through a transaction unchanged', async () => {
    const db = await open();
    const orphan = db.transaction((tx) =>
      tx.prisma.identity.create({ data: { ...identity('j', 'nobody'), idpId: '2' } }),
    );
    const refusal = await orphan.catch((thrown: unknown) => thrown);
    expect(refusal).toMatchObject({ code: 'P2003' });
    expect(violatedConstraint(refusal)).toBeNull();
  });
});
