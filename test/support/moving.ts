import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Database, openDatabase } from '../../src/db/database.ts';
import { copyOptions } from './copies.ts';
import { temporaryFolder, userRow } from './database.ts';
import { forEachOwn, sampleOf } from './own-fields.ts';
import { roster } from './processes.ts';
import { createTestDatabase } from './test-database.ts';

/** A migrated, empty database of this test's own, and commands that run on it. */
export async function newStore() {
  const database = await createTestDatabase();
  onTestFinished(database.remove);
  return storeAt(database.url);
}

export function storeAt(url: string) {
  return {
    url,
    run: (...args: string[]) => roster(args, { DATABASE_URL: url }),
    async withDatabase<T>(work: (db: Database) => Promise<T>): Promise<T> {
      const db = await openDatabase({ ...copyOptions, url });
      try {
        return await work(db);
      } finally {
        await db.close();
      }
    },
  };
}

export type Store = ReturnType<typeof storeAt>;

const at = new Date('2026-01-15T12:00:00.000Z');
const later = new Date('2026-02-01T08:30:00.250Z');

export const ids = ['user_01KEZ0000000000000000000AA', 'user_01KEZ0000000000000000000BB'] as const;

/** Two users: one with all that there is, the other with nothing but an address. */
export async function fillStore(store: Store): Promise<void> {
  await store.withDatabase((db) =>
    db.transaction(async ({ prisma }) => {
      const full = {
        email: 'Ada@example.com',
        emailCanonical: 'ada@example.com',
        emailVerified: true,
        firstName: 'Ada',
        lastName: 'Lovelace, "Countess"',
        name: ' Ada\u2028Ü 🙂',
        externalId: 'auth0|65f1',
        metadata: { plan: 'pro', a: '', longer: 'x' },
        locale: 'en-GB',
        managed: true,
        profilePictureUrl: 'https://example.com/ada.png',
        lastSignInAt: later,
        updatedAt: later,
        version: 7,
        ...forEachOwn(sampleOf),
      };
      await prisma.user.create({ data: userRow(ids[0], full) });
      await prisma.user.create({ data: userRow(ids[1], { emailCanonical: `${ids[1]}@example.com`.toLowerCase() }) });
      for (const [i, provider] of ['GoogleOAuth', 'XOAuth'].entries()) {
        const email = i === 0 ? 'Ada@example.com' : null;
        const id = `identity_01KEZ0000000000000000000A${i}`;
        const address = { email, emailCanonical: email?.toLowerCase() ?? null };
        await prisma.identity.create({
          data: { id, userId: ids[0], provider, idpId: `109${i}`, ...address, createdAt: at, updatedAt: later },
        });
      }
      const hash = '$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy';
      await prisma.password.create({
        data: { userId: ids[0], hash, type: 'bcrypt', origin: 'imported', changedAt: later },
      });
    }),
  );
}

/** Imports these files; answers the users, and the problems as a line of text each. */
export async function imported(contents: (string | object)[], ...args: string[]) {
  const [store, folder] = [await newStore(), temporaryFolder()];
  const files = contents.map((content, i) => {
    const file = join(folder, `${i}`);
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  });
  const errors = join(folder, 'errors');
  const { stdout, stderr } = await store.run('import', ...files, '--errors', errors, ...args);
  if (!stdout) throw new Error(stderr);
  const problems = readFileSync(errors, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .map(({ outcome, file, line, code, field, message }) =>
      `${file.slice(folder.length + 1)}:${line} ${outcome} ${code} ${field ?? ''} ${message}`.slice(0, 70).trim(),
    );
  const users = await store.withDatabase(({ reader }) =>
    reader.user.findMany({ include: { identities: true, password: true }, orderBy: { emailCanonical: 'asc' } }),
  );
  return { users, problems };
}
