import type { SqlQuery } from '@prisma/driver-adapter-utils';

/** So many rows go with one statement: more than the updates that share a transaction mostly cause. */
const maxRows = 256;

/**
 * Statements that write new rows, given as the parameters of VALUES. As JSON, out of which SQLite takes one column after the
 * other, long rows cost up to half as much again. There is a text, which stays prepared, for each power of two: the rows that are too many
 * in it are empty. `textOf` makes a statement around a query of the rows, whose columns are in the order of the names; the first
 * is never null. Where they are numbered, the place of a row in its statement, from 1, is one more column.
 */
export function createRowWriting(
  names: readonly string[],
  textOf: (rows: string) => string,
  isNumbered = false,
): (rows: readonly Record<string, unknown>[]) => SqlQuery[] {
  const values = names.map(() => '?').join(', ');
  const row = (place: number) => (isNumbered ? `(${values}, ${place})` : `(${values})`);
  const texts = new Map<number, string>();

  function textFor(size: number): string {
    const known = texts.get(size);
    if (known) return known;
    const rows = Array.from({ length: size }, (_, i) => row(i + 1)).join(', ');
    const text = textOf(`SELECT * FROM (VALUES ${rows}) AS given WHERE column1 IS NOT NULL`);
    texts.set(size, text);
    return text;
  }

  return (rows) => {
    const queries: SqlQuery[] = [];
    for (let from = 0; from < rows.length; from += maxRows) {
      const block = rows.slice(from, from + maxRows);
      const size = 2 ** Math.ceil(Math.log2(block.length));
      const args: unknown[] = Array(size * names.length).fill(null);
      let place = 0;
      for (const values of block) for (const name of names) args[place++] = values[name];
      queries.push({ sql: textFor(size), args, argTypes: [] });
    }
    return queries;
  };
}
