import { adapterFor, type DatabaseOptions, providerOf } from '../src/db/adapters.ts';
import { migrate } from '../src/db/migrate.ts';
import { defaultPool } from '../src/db/postgresql-adapter.ts';
import { PrismaClient as PostgresqlClient } from '../src/generated/postgresql/client.ts';
import { PrismaClient as SqliteClient } from '../src/generated/sqlite/client.ts';
import { userId } from './workloads.ts';

const batchSize = 1000;

export type Client = SqliteClient;

/** A client that may do anything, for making and checking the data. */
export function openClient(url: string): Client {
  const pool = { ...defaultPool, statementTimeoutMs: 0 }; // making millions of rows takes longer than any request may
  const options: DatabaseOptions = { url, synchronous: 'normal', busyTimeoutMs: 5000, pool };
  const adapter = adapterFor(options, 'write');
  return providerOf(url) === 'sqlite'
    ? new SqliteClient({ adapter })
    : (new PostgresqlClient({ adapter }) as unknown as Client);
}

/**
 * Makes users with three identities each: one with the address they have, one with the address that the workload `email`
 * gives them, one without any. So a change of the email takes two of the three away.
 */
export async function makeData(url: string, users: number): Promise<void> {
  await migrate({ url, synchronous: 'normal', busyTimeoutMs: 5000 });
  const client = openClient(url);
  const at = new Date('2026-01-15T12:00:00.000Z');
  for (let start = 0; start < users; start += batchSize) {
    const indexes = Array.from({ length: Math.min(batchSize, users - start) }, (_, i) => start + i);
    await client.user.createMany({
      data: indexes.map((i) => ({
        id: userId(i),
        email: `first${i}@example.com`,
        emailCanonical: `first${i}@example.com`,
        emailVerified: true,
        firstName: 'Ada',
        lastName: 'Lovelace',
        metadata: { plan: 'pro', team: 'math' },
        createdAt: at,
        updatedAt: at,
      })),
    });
    await client.identity.createMany({
      data: indexes.flatMap((i) =>
        [`first${i}@example.com`, `second${i}@example.com`, null].map((email, n) => ({
          id: `identity_${String(i * 3 + n).padStart(26, '0')}`,
          userId: userId(i),
          provider: ['GoogleOAuth', 'GithubOAuth', 'AppleOAuth'][n] as string,
          idpId: `account-${i}`,
          email,
          emailCanonical: email,
          createdAt: at,
          updatedAt: at,
        })),
      ),
    });
  }
  // As autovacuum does a minute later: until then PostgreSQL knows nothing of the rows, and guesses how to find them.
  if (providerOf(url) === 'postgresql') await client.$executeRaw`VACUUM ANALYZE`;
  await client.$disconnect();
}

/** What tells whether updates happened: every one adds one to a version. */
export async function sumOfVersions(url: string): Promise<number> {
  const client = openClient(url);
  const { _sum } = await client.user.aggregate({ _sum: { version: true } });
  await client.$disconnect();
  return _sum.version ?? 0;
}
