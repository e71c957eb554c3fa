import type { SqlQueryable } from '@prisma/driver-adapter-utils';
import { type Column, columnsOf } from './columns.ts';
import type { Sql } from './dialect.ts';
import type { DatabaseClient } from './models.ts';
import type { WritingAdapter } from './openings.ts';

/** A row as it stands in JSON: moments as ISO 8601, the keys of metadata in one order whatever order the database keeps. */
export type JsonRow = Record<string, unknown>;

/** A user and what belongs to them, but for what follows from the rest; the identities oldest first. */
export interface WholeUser {
  readonly user: JsonRow;
  readonly identities: readonly JsonRow[];
  readonly password: JsonRow | null;
}

const pageSize = 1000;

/**
 * All users in the order of their ids, in pages, as they were at one moment: whatever is written meanwhile is not in it. The
 * adapter is this reader's own, and is closed at the end.
 */
export async function* readWholeUsers(
  adapter: WritingAdapter,
  dialect: Sql,
  client: DatabaseClient,
): AsyncGenerator<WholeUser[]> {
  try {
    const snapshot = await adapter.startTransaction('REPEATABLE READ');
    try {
      yield* readPages(snapshot.direct ?? snapshot, dialect, client);
    } finally {
      await snapshot.rollback(); // nothing was written
    }
  } finally {
    await adapter.dispose();
  }
}

/** A row, and the id of its user. */
type Owned = readonly [userId: string, row: JsonRow];

async function* readPages(queryable: SqlQueryable, dialect: Sql, client: DatabaseClient): AsyncGenerator<WholeUser[]> {
  const [first, second] = [dialect.parameter(1), dialect.parameter(2)];
  const read = (model: 'user' | 'identity' | 'password', table: string, key: string, tail: string) => {
    const columns = columnsOf(client, model).filter(({ field }) => field !== 'userId' && field !== 'emailCanonical');
    const names = columns.map(({ name }) => name).join(', ');
    const sql = `SELECT ${names}, ${key} FROM ${dialect.table(table)} WHERE ${tail}`;
    return async (...args: string[]): Promise<Owned[]> => {
      const argTypes = args.map(() => ({ scalarType: 'string', arity: 'scalar' }) as const);
      const { rows } = await queryable.queryRaw({ sql, args, argTypes });
      return rows.map((values) => [values[columns.length] as string, toJsonRow(columns, values)]);
    };
  };
  const users = read('user', 'users', 'id', `id > ${first} ORDER BY id LIMIT ${pageSize}`);
  const ofRange = `user_id > ${first} AND user_id <= ${second} ORDER BY user_id`;
  const identities = read('identity', 'identities', 'user_id', `${ofRange}, id`);
  const passwords = read('password', 'passwords', 'user_id', ofRange);

  const readPage = async (after: string) => {
    const page = await users(after);
    const last = page.at(-1)?.[0];
    if (last === undefined) return null;
    const [ofIdentities, ofPasswords] = await Promise.all([identities(after, last), passwords(after, last)]);
    return { last, users: together(page, ofIdentities, ofPasswords) };
  };

  for (let page = await readPage(''); page !== null; ) {
    const next = readPage(page.last); // a server reads it while this one is written
    next.catch(() => {}); // told when it is asked for
    yield page.users;
    page = await next;
  }
}

function together(users: Owned[], identities: Owned[], passwords: Owned[]): WholeUser[] {
  const passwordOf = new Map(passwords);
  const identitiesOf = new Map<string, JsonRow[]>();
  for (const [userId, identity] of identities) {
    const others = identitiesOf.get(userId);
    if (others) others.push(identity);
    else identitiesOf.set(userId, [identity]);
  }
  return users.map(([id, user]) => ({
    user,
    identities: identitiesOf.get(id) ?? [],
    password: passwordOf.get(id) ?? null,
  }));
}

function toJsonRow(columns: readonly Column[], values: unknown[]): JsonRow {
  const row: JsonRow = {};
  for (let i = 0; i < columns.length; i += 1) {
    const { field, type } = columns[i] as Column;
    row[field] = toJson(type, values[i]);
  }
  return row;
}

/** PostgreSQL leaves out the milliseconds where there are none. */
function toJson(type: Column['type'], value: unknown): unknown {
  if (value === null) return null;
  if (type === 'DateTime') return String(value).length === 24 ? value : new Date(value as string).toISOString();
  if (type === 'Json') return value === '{}' ? {} : sorted(JSON.parse(value as string));
  return type === 'Boolean' ? Boolean(value) : value;
}

function sorted(value: object): object {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
