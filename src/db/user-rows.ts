import type { Prisma, Transaction, User } from './database.ts';
import type { Provider } from './migration-files.ts';

/** The columns of a user that an update can change, with their PostgreSQL types. */
const columns = {
  email: ['email', 'text'],
  emailCanonical: ['email_canonical', 'text'],
  emailVerified: ['email_verified', 'boolean'],
  firstName: ['first_name', 'text'],
  lastName: ['last_name', 'text'],
  name: ['name', 'text'],
  externalId: ['external_id', 'text'],
  metadata: ['metadata', 'jsonb'],
  locale: ['locale', 'text'],
  updatedAt: ['updated_at', 'timestamp(3)'],
  version: ['version', 'integer'],
} as const;

export type Column = keyof typeof columns;

/** New values of one user. */
export type RowChange = { readonly id: string } & Partial<Pick<User, Column>>;

/** How the two databases lock and write many users with one statement. */
export interface UserRows {
  /** The users with these ids, as they are now and as they stay until the end of the transaction. */
  lock(tx: Transaction, ids: string[]): Promise<User[]>;
  /** Writes all changes, or throws and writes none. Every change must set the same columns. */
  write(tx: Transaction, changes: RowChange[]): Promise<void>;
}

/** SQLite writes one transaction at a time, so a read within one is as good as a lock. */
export const sqliteRows: UserRows = {
  lock: (tx, ids) => tx.user.findMany({ where: { id: { in: ids } } }),
  write: (tx, changes) => writeRows(tx, changes, 'sqlite'),
};

export const postgresqlRows: UserRows = {
  /** In the order of their ids, so that two processes that lock the same users do not wait for each other. */
  lock: (tx, ids) => tx.$queryRawUnsafe<User[]>(lockStatement, ids),
  write: (tx, changes) => writeRows(tx, changes, 'postgresql'),
};

const fixedColumns = {
  id: 'id',
  profilePictureUrl: 'profile_picture_url',
  managed: 'managed',
  lastSignInAt: 'last_sign_in_at',
  createdAt: 'created_at',
};

const selected = [
  ...Object.entries(fixedColumns),
  ...Object.entries(columns).map(([field, [column]]) => [field, column]),
].map(([field, column]) => `${column} AS "${field}"`);

const lockStatement = `SELECT ${selected.join(', ')} FROM users WHERE id = ANY($1) ORDER BY id FOR UPDATE`;

/** Only the columns that change are named, because naming a column makes SQLite write its indexes. */
async function writeRows(tx: Transaction, changes: RowChange[], provider: Provider): Promise<void> {
  const fields = (Object.keys(columns) as Column[]).filter((field) => changes[0]?.[field] !== undefined);
  const rows = changes.map((change) => toJson(change, fields));
  await tx.$executeRawUnsafe(statementFor(provider, fields), JSON.stringify(rows));
}

function toJson(change: RowChange, fields: Column[]): Record<string, unknown> {
  const values = fields.map((field) => {
    const value = change[field];
    return [columns[field][0], field === 'metadata' ? JSON.stringify(value as Prisma.JsonValue) : value];
  });
  return { id: change.id, ...Object.fromEntries(values) };
}

const statements = new Map<string, string>();

function statementFor(provider: Provider, fields: Column[]): string {
  const key = `${provider} ${fields.join()}`;
  const known = statements.get(key);
  if (known) return known;
  const statement = provider === 'sqlite' ? sqliteStatement(fields) : postgresqlStatement(fields);
  statements.set(key, statement);
  return statement;
}

function sqliteStatement(fields: Column[]): string {
  const assignments = fields.map((field) => `${columns[field][0]} = row.value ->> '${columns[field][0]}'`);
  return `UPDATE users SET ${assignments.join(', ')} FROM json_each(?) AS row WHERE users.id = row.value ->> 'id'`;
}

function postgresqlStatement(fields: Column[]): string {
  const assignments = fields.map((field) => `${columns[field][0]} = row.${columns[field][0]}${castOf(field)}`);
  const types = fields.map((field) => `${columns[field][0]} ${field === 'metadata' ? 'text' : columns[field][1]}`);
  const row = `jsonb_to_recordset($1::jsonb) AS row(id text, ${types.join(', ')})`;
  return `UPDATE users SET ${assignments.join(', ')} FROM ${row} WHERE users.id = row.id`;
}

function castOf(field: Column): string {
  return field === 'metadata' ? '::jsonb' : '';
}
