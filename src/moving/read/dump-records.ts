import { decodeUtf8, splitLines } from '../../input/text-file.ts';
import type { BrokenRecord, SourceRecord } from '../source/import-format.ts';

/** How pg_dump begins the rows of a table. */
const copyLine = /^COPY (?:"?\w+"?\.)?"?(\w+)"? \(([^)]*)\) FROM stdin;$/;

const escapes: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** The rows of a dump of PostgreSQL's in its text format: `pg_dump --data-only`. All else in it is skipped. */
export async function* readDump(
  name: string,
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<SourceRecord | BrokenRecord> {
  let line = 0;
  let copied: { table: string; columns: string[] } | null = null;
  for await (const bytes of splitLines(name, chunks)) {
    line += 1;
    const text = decodeUtf8(bytes);
    if (copied === null) {
      const [, table, columns] = copyLine.exec(text ?? '') ?? [];
      if (table && columns)
        copied = { table, columns: columns.split(', ').map((column) => column.replaceAll('"', '')) };
    } else if (text === '\\.') copied = null;
    else if (text === null) yield { line, problem: 'This is not UTF-8.' };
    else yield toRecord(text, line, copied);
  }
  if (copied !== null) yield { line, problem: 'The file ends in the middle of a table: it was cut off.' };
}

function toRecord(
  text: string,
  line: number,
  { table, columns }: { table: string; columns: string[] },
): SourceRecord | BrokenRecord {
  const cells = text.split('\t');
  if (cells.length !== columns.length)
    return { line, problem: `This row of the table ${table} has not as many columns as it.` };
  const values: Record<string, unknown> = {};
  for (const [i, column] of columns.entries()) {
    const cell = cells[i] as string;
    if (cell !== '\\N') values[column] = cell.replace(/\\(.)/g, (_, letter: string) => escapes[letter] ?? letter);
  }
  return { line, values, table };
}
