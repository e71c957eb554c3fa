import type { Faker } from '@faker-js/faker';
import { SingleBar } from 'cli-progress';
import { encodeTime } from 'ulid';
import type { Database, Prisma } from '../db/database.ts';
import { DomainError, OperatorError } from '../errors.ts';
import { providers } from '../users/providers.ts';
import { readSettings } from './read-settings.ts';
import type { Terminal } from './terminal.ts';
import { withDatabase } from './with-database.ts';

const batchSize = 1000;
const firstCreation = Date.UTC(2024, 0, 1);
const msBetweenUsers = 600;
const locales = ['en-US', 'en-GB', 'de-DE', 'fr-FR', 'ja-JP', 'pt-BR', 'es-ES', 'pl-PL'];

/** `roster seed`: fills the database with made-up users and identities, the same ones every time. */
export async function seed(terminal: Terminal, { users }: { users: number }): Promise<void> {
  const faker = await loadFaker();
  await withDatabase(terminal, readSettings(terminal), (db) => fill(terminal, db, faker, users), { mayMakeFile: true });
  terminal.stdout.write(`Seeded ${users} users.\n`);
}

/** Made-up data is for development; what serves is installed without it. */
async function loadFaker(): Promise<Faker> {
  try {
    return (await import('@faker-js/faker')).faker;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new OperatorError(
      'Seeding takes the package @faker-js/faker, which "npm ci --omit=dev" leaves out. Run "npm ci" to install it.',
    );
  }
}

async function fill({ stderr }: Terminal, db: Database, faker: Faker, users: number): Promise<void> {
  if (await db.reader.user.findFirst({ select: { id: true } })) {
    throw new DomainError('user_creation_error', 'The database has users already. Seed an empty one.');
  }
  const progress = new SingleBar({
    format: 'Seeding {bar} {percentage}% {value}/{total} users, {eta_formatted} left',
    stream: stderr,
  });
  faker.seed(20_260_115);
  progress.start(users, 0);
  try {
    for (let start = 0; start < users; start += batchSize) {
      const batch = Array.from({ length: Math.min(batchSize, users - start) }, (_, i) => makeUser(faker, start + i));
      await db.transaction(async (tx) => {
        await tx.prisma.user.createMany({ data: batch.map(({ user }) => user) });
        await tx.prisma.identity.createMany({ data: batch.flatMap(({ identities }) => identities) });
      });
      progress.update(start + batch.length);
    }
  } finally {
    progress.stop();
  }
}

function makeUser(
  faker: Faker,
  index: number,
): { user: Prisma.UserCreateManyInput; identities: Prisma.IdentityCreateManyInput[] } {
  const createdAt = new Date(firstCreation + index * msBetweenUsers);
  const firstName = faker.person.firstName();
  const lastName = faker.person.lastName();
  const email = faker.internet.email({ firstName, lastName, provider: `mail${index}.example.com` });
  const emailCanonical = email.normalize('NFKC').toLowerCase();
  const id = makeId(faker, 'user', createdAt);
  const accounts = faker.helpers.arrayElements(Object.values(providers), { min: 0, max: 3 });
  return {
    user: {
      id,
      email,
      emailCanonical,
      emailVerified: faker.datatype.boolean(0.8),
      firstName,
      lastName,
      name: `${firstName} ${lastName}`,
      externalId: faker.datatype.boolean(0.5) ? `customer-${index}` : null,
      metadata: { plan: faker.helpers.arrayElement(['free', 'pro', 'team']), team: faker.commerce.department() },
      locale: faker.helpers.arrayElement(locales),
      createdAt,
      updatedAt: createdAt,
    },
    identities: accounts.map((provider) => ({
      id: makeId(faker, 'identity', createdAt),
      userId: id,
      provider,
      idpId: `${index}-${faker.string.numeric(15)}`,
      email,
      emailCanonical,
      createdAt,
      updatedAt: createdAt,
    })),
  };
}

function makeId(faker: Faker, prefix: string, createdAt: Date): string {
  const random = faker.string.fromCharacters('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 16);
  return `${prefix}_${encodeTime(createdAt.getTime(), 10)}${random}`;
}
