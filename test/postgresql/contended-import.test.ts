import { expect, onTestFinished, test } from 'vitest';
import { type Database, openDatabase, type Transaction } from '../../src/db/database.ts';
import { OperatorError } from '../../src/errors.ts';
import { type PreparedUser, prepareUser } from '../../src/moving/import/prepare.ts';
import { writeBatch } from '../../src/moving/import/write-batch.ts';
import { createTestApp } from '../support/app.ts';
import { copyOptions } from '../support/copies.ts';
import { userRow } from '../support/database.ts';

const options = { onConflict: 'skip', isDryRun: false, emitsEvents: false, wrapsAtOnce: 1 } as const;
const preparing = {
  format: 'csv',
  trustEmails: false,
  splitName: false,
  metadataAsJson: false,
  keycloakIdpEmail: false,
  requirePasswords: false,
  weakHashes: 'skip',
  startedAt: new Date('2026-01-15T12:00:00.000Z'),
} as const;
const wrappingCost = { memoryKiB: 4096, timeCost: 1, parallelism: 1 };

/** The database, with somebody else at it who takes the address between a look at it and the writing, so many times. */
function contendedBy(db: Database, take: () => Promise<void>, giveUp: () => Promise<void>, times: number): Database {
  let left = times;
  const lookedAt = (tx: Transaction): Transaction => {
    const { imports } = tx.statements;
    const findUsers: typeof imports.findUsers = async (wanted) => {
      const found = await imports.findUsers(wanted);
      if (left > 0) await take();
      left -= 1;
      return found;
    };
    return { ...tx, statements: { ...tx.statements, imports: { ...imports, findUsers } } };
  };
  const transaction: Database['transaction'] = async (work) => {
    try {
      return await db.transaction((tx) => work(lookedAt(tx)));
    } catch (error) {
      await giveUp();
      throw error;
    }
  };
  return { ...db, transaction };
}

async function contendedImport(times: number) {
  const t = await createTestApp();
  const others = await openDatabase({ ...copyOptions, url: t.app.config.DATABASE_URL });
  onTestFinished(() => others.close().then(t.close));
  const one = prepareUser({ id: '1', email: 'mine@example.com' }, preparing) as PreparedUser;
  const take = () =>
    others.transaction(async ({ prisma }) => {
      await prisma.user.create({ data: userRow('other', { emailCanonical: 'mine@example.com' }) });
    });
  const giveUp = () =>
    others.transaction(async ({ prisma }) => {
      await prisma.user.deleteMany({ where: { id: 'other' } });
    });
  const app = { ...t.app, db: contendedBy(t.app.db, take, giveUp, times) };
  const batch = { prepared: [one], isAlone: false, placeOf: String };
  const error = await writeBatch(app, batch, { ...options, wrappingCost }, async () => {}).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return { error, users: (await t.app.db.reader.user.findMany()).map(({ email }) => email) };
}

test('an address that another program takes meanwhile, and gives up again, is imported all the same', async () => {
  expect(await contendedImport(2)).toEqual({ error: null, users: ['mine@example.com'] });
});

test('where that goes on, the import stops with a sentence that says why, and what to do', async () => {
  const { error, users } = await contendedImport(1000);
  expect(error).toBeInstanceOf(OperatorError);
  expect((error as Error).message).toMatch(/users_email_canonical_key.*Run the import again/s);
  expect(users).toEqual([]);
});
