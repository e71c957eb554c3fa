import { createHash } from 'node:crypto';
import Sqlite from 'better-sqlite3';
import { OperatorError } from '../errors.ts';
import { type DatabaseOptions, describe, isMissing, providerOf, sqlitePath } from './adapters.ts';
import { type Database, type DatabaseClient, openDatabase, type Prisma } from './database.ts';
import { quoteIdentifier } from './dialect.ts';
import { ensureSchema, migrate, pendingMigrations } from './migrate.ts';
import { locateSchema } from './postgresql-schema.ts';

const batchSize = 500;
/** Kept as the comment of the target's table of users while a copy is under way, so that only a copy is resumed. */
const marker = 'roster copy: not finished';

/** A copy that must not start, or that does not agree with its source; the message says why. */
export class CopyRefused extends OperatorError {
  override readonly name = 'CopyRefused';
}

export interface TableCheck {
  readonly table: string;
  readonly rows: number;
  /** SHA-256 over all rows in the order of their ids, the same in both databases. */
  readonly checksum: string;
}

export interface CopyProgress {
  start(users: number, done: number): void;
  update(done: number): void | Promise<void>;
}

/**
 * Copies an SQLite store to an empty PostgreSQL one, after bringing both schemas up to date. Nobody can write to the source
 * meanwhile. A copy that was interrupted goes on where it stopped. Throws CopyRefused, MigrationRefused.
 */
export async function copyStore(
  from: DatabaseOptions,
  toWhere: DatabaseOptions,
  progress: CopyProgress,
): Promise<TableCheck[]> {
  if (providerOf(from.url) !== 'sqlite') throw new CopyRefused('The source must be an SQLite file: --from file:PATH');
  if (providerOf(toWhere.url) !== 'postgresql')
    throw new CopyRefused('The target must be PostgreSQL: --to postgresql://…');
  if (isMissing(from)) throw new CopyRefused(`There is no file ${describe(from)}. --from is the store to copy.`);
  const to = await locateSchema(toWhere);
  await pendingMigrations(to); // a server that is away or not Roster's is refused before the source is touched
  await migrate(from);
  await ensureSchema(to, true);
  const unlock = lockSource(from);
  const source = await openDatabase(from);
  const target = await openDatabase(to);
  try {
    await claimTarget(target, to);
    await copyUsers(source.reader, target, progress);
    await copyApiKeys(source.reader, target);
    await copySigningKeys(source.reader, target);
    const checks = await compare(source.reader, target.reader);
    await setComment(target, null);
    return checks;
  } finally {
    await target.close();
    await source.close();
    unlock();
  }
}

/** Holds the write lock of the file, so that nothing changes behind the copy; readers go on. */
function lockSource(from: DatabaseOptions): () => void {
  const connection = new Sqlite(sqlitePath(from.url), { timeout: from.busyTimeoutMs, fileMustExist: true });
  connection.exec('BEGIN IMMEDIATE');
  return () => connection.close();
}

async function claimTarget(target: Database, to: DatabaseOptions): Promise<void> {
  const { reader } = target;
  const [row] = await reader.$queryRaw<[{ comment: string | null }]>`
    SELECT obj_description(${nameOfUsers(target)}::regclass, 'pg_class') AS comment`;
  if (row.comment === marker) return;
  const used =
    (await reader.user.findFirst()) ?? (await reader.apiKey.findFirst()) ?? (await reader.signingKey.findFirst());
  if (used) throw new CopyRefused(`${describe(to)} is not empty. Copy to a new database.`);
  await setComment(target, marker);
}

async function setComment(target: Database, comment: string | null): Promise<void> {
  const text = comment === null ? 'NULL' : `'${comment}'`;
  await target.reader.$executeRawUnsafe(`COMMENT ON TABLE ${nameOfUsers(target)} IS ${text}`);
}

function nameOfUsers({ schema }: Database): string {
  return `${quoteIdentifier(schema ?? '')}.users`;
}

/** Users go in the order of their ids, each batch with all that belongs to it, so the greatest id tells how far it came. */
async function copyUsers(source: DatabaseClient, target: Database, progress: CopyProgress): Promise<void> {
  const last = await target.reader.user.findFirst({ orderBy: { id: 'desc' }, select: { id: true } });
  let cursor = last?.id ?? '';
  let done = await source.user.count({ where: { id: { lte: cursor } } });
  progress.start(await source.user.count(), done);
  for (;;) {
    const batch = await source.user.findMany({
      where: { id: { gt: cursor } },
      orderBy: { id: 'asc' },
      take: batchSize,
      include: { identities: true, password: true, sessions: { include: { refreshTokens: true } } },
    });
    const end = batch.at(-1);
    if (!end) return;
    await target.transaction(async (tx) => {
      const users = batch.map(({ identities, password, sessions, ...user }) => user as Prisma.UserCreateManyInput);
      await tx.user.createMany({ data: users });
      await tx.identity.createMany({ data: batch.flatMap(({ identities }) => identities) });
      await tx.password.createMany({ data: batch.flatMap(({ password }) => password ?? []) });
      const sessions = batch.flatMap((user) => user.sessions);
      await tx.session.createMany({ data: sessions.map(({ refreshTokens, ...session }) => session) });
      await tx.refreshToken.createMany({ data: sessions.flatMap(({ refreshTokens }) => refreshTokens) });
    });
    cursor = end.id;
    done += batch.length;
    await progress.update(done);
  }
}

async function copyApiKeys(source: DatabaseClient, target: Database): Promise<void> {
  const data = without(await source.apiKey.findMany(), await target.reader.apiKey.findMany());
  await target.transaction((tx) => tx.apiKey.createMany({ data }));
}

/** With them, who is signed in stays signed in. */
async function copySigningKeys(source: DatabaseClient, target: Database): Promise<void> {
  const data = without(await source.signingKey.findMany(), await target.reader.signingKey.findMany());
  await target.transaction((tx) => tx.signingKey.createMany({ data }));
}

/** The rows that an earlier, interrupted run has not copied yet. */
function without<Row extends { id: string }>(rows: Row[], copied: Row[]): Row[] {
  const ids = new Set(copied.map(({ id }) => id));
  return rows.filter(({ id }) => !ids.has(id));
}

async function compare(source: DatabaseClient, target: DatabaseClient): Promise<TableCheck[]> {
  const [expected, found] = [await checkTables(source), await checkTables(target)];
  for (const [i, check] of expected.entries()) {
    if (found[i]?.rows === check.rows && found[i].checksum === check.checksum) continue;
    throw new CopyRefused(
      `The table ${check.table} does not agree: ${check.rows} rows in the source, ${found[i]?.rows} in the target. Drop the target and copy again.`,
    );
  }
  return expected;
}

type Row = Record<string, unknown>;

async function checkTables(client: DatabaseClient): Promise<TableCheck[]> {
  const page = (key: string, cursor: string) => ({
    where: { [key]: { gt: cursor } },
    orderBy: { [key]: 'asc' as const },
    take: batchSize,
  });
  return [
    await checkTable('users', 'id', (cursor) => client.user.findMany(page('id', cursor) as object)),
    await checkTable('identities', 'id', (cursor) => client.identity.findMany(page('id', cursor) as object)),
    await checkTable('passwords', 'userId', (cursor) => client.password.findMany(page('userId', cursor) as object)),
    await checkTable('sessions', 'id', (cursor) => client.session.findMany(page('id', cursor) as object)),
    await checkTable('refresh_tokens', 'hash', (cursor) =>
      client.refreshToken.findMany(page('hash', cursor) as object),
    ),
    await checkTable('api_keys', 'id', (cursor) => client.apiKey.findMany(page('id', cursor) as object)),
    await checkTable('signing_keys', 'id', (cursor) => client.signingKey.findMany(page('id', cursor) as object)),
  ];
}

async function checkTable(table: string, key: string, read: (cursor: string) => Promise<Row[]>): Promise<TableCheck> {
  const hash = createHash('sha256');
  let rows = 0;
  for (let cursor = ''; ; ) {
    const batch = await read(cursor);
    const last = batch.at(-1);
    if (!last) return { table, rows, checksum: hash.digest('hex') };
    for (const row of batch) hash.update(`${JSON.stringify(row, sortedKeys)}\n`);
    rows += batch.length;
    cursor = String(last[key]);
  }
}

/** JSON whose keys are in one order, whatever order the database keeps them in. */
function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
