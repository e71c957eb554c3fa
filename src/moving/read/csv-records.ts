import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import type { BrokenRecord, SourceRecord, Values } from '../source/import-format.ts';

/** The rows of a CSV file (RFC 4180), by the names of their columns; a cell that is empty is left out. */
export async function* readCsv(
  chunks: AsyncIterable<Buffer>,
  columns: readonly string[] | undefined,
): AsyncGenerator<SourceRecord | BrokenRecord> {
  const broken: BrokenRecord[] = [];
  const parser = parse({
    columns: columns ? [...columns] : (names: string[]) => names.map((name) => name.trim()),
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip: (error) => {
      const line = Number(error?.lines ?? 0);
      broken.push({ line, problem: 'This is no row of CSV: a quotation mark stands where none can, or is missing.' });
      return undefined;
    },
  });
  const rows = Readable.from(chunks).pipe(parser) as AsyncIterable<{
    readonly record: Record<string, string>;
    readonly info: { readonly lines: number };
  }>;
  for await (const { record, info } of rows) {
    yield* broken.splice(0);
    yield { line: info.lines, values: withoutEmpty(record) };
  }
  yield* broken;
}

function withoutEmpty(record: Record<string, string>): Values {
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(record)) if (value !== '') values[name] = value;
  return values;
}
