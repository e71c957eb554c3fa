import { getDatamodel } from '../generated/pothos.ts';

/** A column, read from the models, so that a new field needs nothing here. */
export interface Column {
  readonly field: string;
  /** The models map every field to its name in snake case. */
  readonly name: string;
  readonly type: 'String' | 'Boolean' | 'Int' | 'DateTime' | 'Json';
}

export function columnsOf(model: 'User' | 'Identity' | 'Password' | 'Session' | 'Readiness'): Column[] {
  const fields = getDatamodel().datamodel.models[model]?.fields ?? [];
  return fields
    .filter(({ kind }) => kind === 'scalar')
    .map(({ name, type }) => ({
      field: name,
      name: name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      type: type as Column['type'],
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
  return type === 'Boolean' ? Boolean(value) : value;
}

/** A row as JSON that `Dialect.rows` reads. JSON within it goes as text, as SQLite keeps it. */
export function writeRow(columns: Column[], row: object): Record<string, unknown> {
  const values = row as Record<string, unknown>;
  return Object.fromEntries(
    columns.map(({ field, name, type }) => [name, type === 'Json' ? JSON.stringify(values[field]) : values[field]]),
  );
}
