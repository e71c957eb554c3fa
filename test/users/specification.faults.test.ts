import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { parseImportedHash } from '../../src/passwords/imported-hash.ts';
import { parseEmail } from '../../src/users/email.ts';
import { updateUser } from '../../src/users/update.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { type ReferenceInput, referenceUpdate } from './reference-update.ts';

const settings = { EMAIL_CHANGE_ENDS_SESSIONS: 'true', PASSWORD_CHANGE_ENDS_SESSIONS: 'true' };

/** The real update and the reference, each on a database of its own that begins alike. */
let [real, reference] = [] as unknown as [TestApp, TestApp];
/** Both stand at the same moment, which the test moves. */
let now = new Date();
beforeAll(async () => {
  [real, reference] = [await createTestApp(settings), await createTestApp(settings)];
  Object.assign(real.app, { now: () => now });
});
afterAll(async () => {
  await real.close();
  await reference.close();
});

const policy = { emailEndsSessions: true, passwordEndsSessions: true };
const people = 4;
const purposes = ['email_verification', 'magic_auth', 'password_reset', 'email_change', 'pending_authentication'];
const hashes = ['{SSHA}MTIzNDU2Nzg5MDEyMzQ1Njc4OTBzYWx0', '{SSHA}YWJjZGVmZ2hpamtsbW5vcHFyc3Rwc2Fs'];

/** An address of one user and no other, in several spellings, so that no order of the updates is refused. */
const addressOf = (person: number) =>
  fc.constantFrom(`a${person}@example.com`, ` A${person}@Example.com`, `b${person}@example.com`, `c${person}@例え.jp`);
const plain = {
  emailVerified: fc.constant(true),
  firstName: fc.option(fc.constantFrom('Ada', 'Grace', '')),
  lastName: fc.option(fc.constantFrom('Lovelace', 'Hopper')),
  metadata: fc.option(fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.option(fc.constantFrom('1', '')))),
};
interface Input {
  email?: string;
  externalId?: string | null;
  emailVerified?: true;
  firstName?: string | null;
  lastName?: string | null;
  metadata?: Record<string, string | null> | null;
  passwordHash?: string;
}
/** Most are plain, for several of those of one user are written as one; the others go one by one. */
const inputOf = (person: number): fc.Arbitrary<Input> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.record(plain, { requiredKeys: [] }) },
    {
      weight: 1,
      arbitrary: fc.record(
        {
          ...plain,
          email: addressOf(person),
          externalId: fc.option(fc.constantFrom(`x${person}`, `y${person}`)),
          passwordHash: fc.constantFrom(...hashes),
        },
        { requiredKeys: [] },
      ),
    },
  ) as fc.Arbitrary<Input>;
interface Step {
  person: number;
  input: Input;
}
const step: fc.Arbitrary<Step> = fc
  .integer({ min: 0, max: people - 1 })
  .chain((person) => fc.record({ person: fc.constant(person), input: inputOf(person) }));

const typed = ({ passwordHash, ...input }: Input) => ({
  ...input,
  ...(passwordHash !== undefined && { passwordHash, passwordHashType: 'ssha' }),
});

function parsed({ email, passwordHash, ...input }: Input): ReferenceInput {
  return {
    ...(input as Omit<ReferenceInput, 'email' | 'password'>),
    ...(email !== undefined && { email: parseEmail(email) as { address: string; canonical: string } }),
    ...(passwordHash !== undefined && {
      password: { ...parseImportedHash({ passwordHash, passwordHashType: 'ssha' }), origin: 'imported' as const },
    }),
  };
}

const idOf = (person: number) => `user_${String(person).padStart(26, '0')}`;

/** Some users with identities that match, will match, and never do, with a password or none, and with sessions of each kind. */
async function begin({ app }: TestApp): Promise<void> {
  const at = new Date('2026-01-15T12:00:00.000Z');
  const later = (days: number) => new Date(at.getTime() + days * 86_400_000);
  await app.db.transaction(async ({ prisma }) => {
    await prisma.user.deleteMany({});
    for (let person = 0; person < people; person += 1) {
      const [userId, email] = [idOf(person), `a${person}@example.com`];
      const times = { createdAt: at, updatedAt: at };
      await prisma.user.create({ data: { id: userId, email, emailCanonical: email, metadata: {}, ...times } });
      const addresses = [email, `b${person}@example.com`, 'other@example.com', null];
      await prisma.identity.createMany({
        data: addresses.map((address, i) => ({
          ...{ id: `identity_${person}${i}`, userId, provider: 'GoogleOAuth', idpId: `${person}${i}` },
          ...{ email: address, emailCanonical: address, ...times },
        })),
      });
      if (person % 2 === 0) {
        const password = { hash: hashes[0] as string, type: 'ssha', saltPosition: null };
        await prisma.password.create({ data: { userId, ...password, changedAt: at } });
      }
      const address = { email, emailCanonical: email };
      await prisma.oneTimeCode.createMany({
        data: purposes.map((purpose) => {
          const id = `${purpose}_${person}`;
          return { id, purpose, userId, ...address, digest: id, sealed: 'x', createdAt: at, expiresAt: later(1) };
        }),
      });
      const sessions = [
        { expiresAt: later(300), endedAt: null },
        { expiresAt: later(300), endedAt: null },
        { expiresAt: later(300), endedAt: at },
        { expiresAt: later(1), endedAt: null },
      ];
      await prisma.session.createMany({
        data: sessions.map((session, i) => ({
          ...{ id: `session_${person}${i}`, userId, authMethod: 'password' },
          ...{ ...times, ...session },
        })),
      });
    }
  });
}

async function rowsOf({ app: { db } }: TestApp) {
  return {
    users: await db.reader.user.findMany({ orderBy: { id: 'asc' } }),
    identities: await db.reader.identity.findMany({ orderBy: { id: 'asc' } }),
    passwords: await db.reader.password.findMany({ orderBy: { userId: 'asc' } }),
    codes: await db.reader.oneTimeCode.findMany({ orderBy: { id: 'asc' } }),
    sessions: await db.reader.session.findMany({ orderBy: { id: 'asc' } }),
  };
}

interface Outcome extends Step {
  readonly version: number;
  readonly isChange: boolean;
}

/** The real update, and the version that it left, made or only found. */
async function update({ app }: TestApp, { person, input }: Step): Promise<Outcome> {
  let isChange = false;
  const updateAndNote: typeof app.db.updateUser = ({ decide, ...rest }) =>
    app.db.updateUser({
      ...rest,
      decide: (stored) => {
        const changes = decide(stored);
        isChange = changes !== null; // of the last time counts: what was decided before was not written
        return changes;
      },
    });
  const noting = { ...app, db: { ...app.db, updateUser: updateAndNote } };
  const { version } = await updateUser(noting, 'roster', idOf(person), typed(input));
  return { person, input, version, isChange };
}

/** Applies the reference in the order in which the updates of each user came, as their versions tell. */
async function followWith(outcomes: Outcome[]): Promise<void> {
  const inOrder = outcomes.toSorted((a, b) => a.version - b.version || Number(b.isChange) - Number(a.isChange));
  for (const { person, input } of inOrder) {
    await reference.app.db.transaction(({ prisma }) =>
      referenceUpdate(prisma, idOf(person), parsed(input), policy, now),
    );
  }
}

/** Holds the real update against the reference, one batch after the other; fast-check reports the seed of a failure. */
function holdAgainstReference(apps: () => TestApp[], { maxSize, maxBatches }: { maxSize: number; maxBatches: number }) {
  const batches = fc.array(fc.array(step, { minLength: 1, maxLength: maxSize }), {
    minLength: 1,
    maxLength: maxBatches,
  });
  const property = fc.asyncProperty(batches, async (steps) => {
    await Promise.all([begin(real), begin(reference)]);
    for (const [i, batch] of steps.entries()) {
      now = new Date(Date.UTC(2026, 1, 1) + Math.floor(i / 2) * 1000); // every other one comes while the clock stands still
      const asked = apps();
      await followWith(await Promise.all(batch.map((one, n) => update(asked[n % asked.length] as TestApp, one))));
      expect(await rowsOf(real)).toEqual(await rowsOf(reference));
    }
  });
  return fc.assert(property, { numRuns: 25 });
}

describe('the update leaves the rows that its specification in Prisma’s models leaves', () => {
  test('one after the other', () => holdAgainstReference(() => [real], { maxSize: 1, maxBatches: 12 }));

  test('in batches, several of one user among them', () =>
    holdAgainstReference(() => [real], { maxSize: 24, maxBatches: 3 }));

  test('by two processes at the same time', async () => {
    const other = await createTestApp({ ...settings, DATABASE_URL: real.app.config.DATABASE_URL });
    onTestFinished(other.close);
    Object.assign(other.app, { now: () => now });
    await holdAgainstReference(() => [real, other], { maxSize: 24, maxBatches: 3 });
  });
});
