import { getDatamodel } from '../generated/pothos.ts';
import type { Transaction, User } from './database.ts';
import type { Provider } from './migration-files.ts';

/** New values of one user. */
export type RowChange = { readonly id: string } & Partial<User>;

/** How the two databases lock and write many users with one statement. */
export interface UserRows {
  /** The users with these ids, as they are now and as they stay until the end of the transaction. */
  lock(tx: Transaction, ids: string[]): Promise<User[]>;
  /** Writes all changes, or throws and writes none. Every change must set the same fields. */
  write(tx: Transaction, changes: RowChange[]): Promise<void>;
}

interface Column {
  readonly field: string;
  /** The models map every field to its name in snake case. */
  readonly name: string;
  /** PostgreSQL's type of the value in JSON. Metadata goes as text, as SQLite keeps it. */
  readonly jsonType: string;
}

const jsonTypes: Record<string, string> = {
  String: 'text',
  Boolean: 'boolean',
  Int: 'integer',
  DateTime: 'timestamp(3)',
  Json: 'text',
};

/** Read from the models, so that a new field needs nothing here. */
const columns: Column[] = (getDatamodel().datamodel.models.User?.fields ?? [])
  .filter(({ kind }) => kind === 'scalar')
  .map(({ name, type }) => ({
    field: name,
    name: name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    jsonType: jsonTypes[type] as string,
  }));

/** SQLite writes one transaction at a time, so a read within one is as good as a lock. */
export const sqliteRows: UserRows = {
  lock: (tx, ids) => tx.user.findMany({ where: { id: { in: ids } } }),
  write: (tx, changes) => writeRows(tx, changes, 'sqlite'),
};

export const postgresqlRows: UserRows = {
  lock: (tx, ids) => tx.$queryRawUnsafe<User[]>(lockStatement, ids),
  write: (tx, changes) => writeRows(tx, changes, 'postgresql'),
};

/** In the order of their ids, so that two processes that lock the same users do not wait for each other. */
const lockStatement = `SELECT ${columns.map(({ name, field }) => `${name} AS "${field}"`).join(', ')}
  FROM users WHERE id = ANY($1) ORDER BY id FOR UPDATE`;

/** Only the columns that change are named, because naming a column makes SQLite write its indexes. */
async function writeRows(tx: Transaction, changes: RowChange[], provider: Provider): Promise<void> {
  const [first = {}] = changes;
  const changed = columns.filter(({ field }) => field !== 'id' && field in first);
  const rows = changes.map((change) => toJson(change, changed));
  await tx.$executeRawUnsafe(statementFor(provider, changed), JSON.stringify(rows));
}

function toJson(change: RowChange, changed: Column[]): Record<string, unknown> {
  const values = changed.map(({ field, name }) => {
    const value = change[field as keyof User];
    return [name, field === 'metadata' ? JSON.stringify(value) : value];
  });
  return { id: change.id, ...Object.fromEntries(values) };
}

const statements = new Map<string, string>();

/** One text for the same fields, so that the databases prepare it once. */
function statementFor(provider: Provider, changed: Column[]): string {
  const key = `${provider} ${changed.map(({ name }) => name).join()}`;
  const known = statements.get(key);
  if (known) return known;
  const statement = provider === 'sqlite' ? sqliteStatement(changed) : postgresqlStatement(changed);
  statements.set(key, statement);
  return statement;
}

function sqliteStatement(changed: Column[]): string {
  const assignments = changed.map(({ name }) => `${name} = row.value ->> '${name}'`);
  return `UPDATE users SET ${assignments.join(', ')} FROM json_each(?) AS row WHERE users.id = row.value ->> 'id'`;
}

function postgresqlStatement(changed: Column[]): string {
  const assignments = changed.map(({ name }) => `${name} = row.${name}${name === 'metadata' ? '::jsonb' : ''}`);
  const types = changed.map(({ name, jsonType }) => `${name} ${jsonType}`);
  const rows = `jsonb_to_recordset($1::jsonb) AS row(id text, ${types.join(', ')})`;
  return `UPDATE users SET ${assignments.join(', ')} FROM ${rows} WHERE users.id = row.id`;
}
