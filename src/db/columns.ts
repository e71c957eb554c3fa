import type { DatabaseClient } from './models.ts';

/** A column, read from the models, so that a new field needs nothing here. */
export interface Column {
  readonly field: string;
  /** The models map every field to its name in snake case. */
  readonly name: string;
  readonly type: 'String' | 'Boolean' | 'Int' | 'BigInt' | 'DateTime' | 'Json';
}

type Model =
  | 'user'
  | 'identity'
  | 'password'
  | 'session'
  | 'readiness'
  | 'job'
  | 'mailMessage'
  | 'oneTimeCode'
  | 'event'
  | 'webhookEndpoint'
  | 'webhookDelivery'
  | 'idempotentRequest';

/** What Prisma's client knows of a model's own columns. */
type Fields = Record<string, { readonly typeName: string }>;

export function columnsOf(client: DatabaseClient, model: Model): Column[] {
  const fields = client[model].fields as unknown as Fields;
  return Object.keys(fields).map((field) => ({
    field,
    name: field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    type: fields[field]?.typeName as Column['type'],
  }));
}

/** A row as both drivers give it, as Prisma would give it. */
export function readRow<Row>(columns: Column[], values: unknown[]): Row {
  const row: Record<string, unknown> = {};
  for (let i = 0; i < columns.length; i += 1) {
    const { field, type } = columns[i] as Column;
    row[field] = readValue(type, values[i]);
  }
  return row as Row;
}

function readValue(type: Column['type'], value: unknown): unknown {
  if (value === null) return null;
  if (type === 'DateTime') return new Date(value as string);
  if (type === 'Json') return JSON.parse(value as string);
  if (type === 'BigInt') return Number(value); // one is drawn for each event: a double is enough
  return type === 'Boolean' ? Boolean(value) : value;
}

/** A row as JSON that `Sql.rows` reads. JSON within it goes as text, as SQLite keeps it. */
export function writeRow(columns: Column[], row: object): Record<string, unknown> {
  const values = row as Record<string, unknown>;
  const written: Record<string, unknown> = {};
  for (const { field, name, type } of columns) {
    written[name] = type === 'Json' ? JSON.stringify(values[field]) : values[field];
  }
  return written;
}
