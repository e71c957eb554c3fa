// What two of the peers share: the stock Prisma client, and the update in an interactive transaction.
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient as PostgresqlClient } from '../generated/postgresql/client.ts';
import { PrismaClient as SqliteClient } from '../generated/sqlite/client.ts';

export type Client = SqliteClient;

export interface Names {
  firstName: string;
  lastName: string;
}

/** `file:…` or `postgresql://…`. */
export function openClient(url: string): Client {
  if (url.startsWith('file:')) return new SqliteClient({ adapter: new PrismaBetterSqlite3({ url }) });
  return new PostgresqlClient({ adapter: new PrismaPg({ connectionString: url }) }) as unknown as Client;
}

/** What the server prints of its durability; PostgreSQL's is asked by the harness. */
export async function synchronousOf(client: Client, url: string): Promise<number | undefined> {
  if (!url.startsWith('file:')) return undefined;
  const [row] = await client.$queryRawUnsafe<{ synchronous: bigint }[]>('PRAGMA synchronous');
  return Number(row?.synchronous);
}

export async function updateNames(client: Client, id: string, names: Names) {
  return client.$transaction(async (tx) => {
    await tx.user.findUniqueOrThrow({ where: { id } });
    return tx.user.update({ where: { id }, data: { ...names, version: { increment: 1 } } });
  });
}
