import { execFileSync } from 'node:child_process';
import { providerOf } from '../src/config/database-url.ts';
import type { DatabaseClient } from '../src/db/database.ts';
import { adapterFor, dialectOf } from '../src/db/dialects.ts';
import { migrate } from '../src/db/migrate.ts';
import { type DatabaseOptions, defaultPool } from '../src/db/options.ts';

/** A client that may do anything, for making and checking the data. */
export async function openClient(url: string): Promise<DatabaseClient> {
  const pool = { ...defaultPool, statementTimeoutMs: 0 }; // making millions of rows takes longer than any request may
  const options: DatabaseOptions = { url, synchronous: 'normal', busyTimeoutMs: 5000, pool };
  return (await dialectOf(options).loadDriver()).createClient(await (await adapterFor(options, 'write')).connect());
}

interface Further {
  /** Each user has all three identities unless this says otherwise: then one of them, in turn. */
  readonly identities?: 'one' | 'three';
  readonly columns?: Readonly<Record<string, string>>;
  readonly order?: string;
}

/** A store with users, and an API key of it. */
export interface Store {
  readonly url: string;
  readonly users: number;
  readonly key: string;
}

const words = {
  sqlite: {
    count: (users: number) =>
      `(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${users}) SELECT i FROM n)`,
    padded: (number: string) => `printf('%026d', ${number})`,
  },
  postgresql: {
    count: (users: number) => `generate_series(0, ${users - 1}) AS i`,
    padded: (number: string) => `lpad((${number})::text, 26, '0')`,
  },
};

/**
 * Makes users with three identities each: one with the address they have, one with the address that the workload `email`
 * gives them, one without any. So a change of the email takes two of the three away. The database makes the rows itself:
 * through a client, millions would take longer than what is measured with them. Further columns of the users, and the order of
 * their rows, are expressions of a number `i` and of `made.id`.
 */
export async function makeData(
  url: string,
  users: number,
  { identities = 'three', columns = {}, order = 'i' }: Further = {},
): Promise<Store> {
  await migrate({ url, synchronous: 'normal', busyTimeoutMs: 5000 });
  const client = await openClient(url);
  const { count, padded } = words[providerOf(url)];
  const [id, at] = [`'user_' || ${padded('i')}`, "'2026-01-15T12:00:00.000Z'"];
  const address = (prefix: string) => `'${prefix}' || i || '@example.com'`;
  const names = Object.keys(columns).map((name) => `, ${name}`);
  const values = Object.values(columns).map((value) => `, ${value}`);
  await client.$executeRawUnsafe(
    `INSERT INTO users (id, email, email_canonical, email_verified, first_name, last_name, external_id, metadata, created_at, updated_at${names.join('')})
    SELECT id, ${address('first')}, ${address('first')}, i % 5 > 0, 'Ada', 'Lovelace', 'customer-' || i, '{"plan":"pro","team":"math"}', ${at}, ${at}${values.join('')}
    FROM (SELECT i, ${id} AS id FROM ${count(users)}) AS made ORDER BY ${order}`,
  );
  for (const [n, email] of [address('first'), address('second'), 'NULL'].entries()) {
    await client.$executeRawUnsafe(
      `INSERT INTO identities (id, user_id, provider, idp_id, email, email_canonical, created_at, updated_at)
      SELECT 'identity_' || ${padded(`i * 3 + ${n}`)}, ${id}, '${['GoogleOAuth', 'GithubOAuth', 'AppleOAuth'][n]}', 'account-' || i, ${email}, ${email}, ${at}, ${at} FROM ${count(users)}${identities === 'one' ? ` WHERE i % 3 = ${n}` : ''}`,
    );
  }
  // As autovacuum does a minute later: until then PostgreSQL knows nothing of the rows, and guesses how to find them.
  if (providerOf(url) === 'postgresql') await client.$executeRaw`VACUUM ANALYZE`;
  await client.$disconnect();
  return { url, users, key: makeKey(url) };
}

/** An API key, made as an operator makes one. */
function makeKey(url: string): string {
  const command = ['dist/main.js', 'api-key', 'create', 'bench'];
  const env = { ...process.env, DATABASE_URL: url };
  return execFileSync(process.execPath, command, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

/** What tells whether updates happened: every one adds one to a version. */
export async function sumOfVersions(url: string): Promise<number> {
  const client = await openClient(url);
  const { _sum } = await client.user.aggregate({ _sum: { version: true } });
  await client.$disconnect();
  return _sum.version ?? 0;
}
