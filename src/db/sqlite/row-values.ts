import type { SqlQuery } from '@prisma/driver-adapter-utils';

/** So many rows go with one statement: there is a text, which stays prepared, for each number of them. */
const maxRows = 32;

/**
 * Statements that write new rows, given as the parameters of VALUES. As JSON, out of which SQLite takes one column after the
 * other, long rows cost twice as much. `textOf` makes a statement around `VALUES …`, whose columns are in the order of the names.
 */
export function createRowWriting(
  names: readonly string[],
  textOf: (values: string) => string,
): (rows: readonly Record<string, unknown>[]) => SqlQuery[] {
  const row = `(${names.map(() => '?').join(', ')})`;
  const texts = Array.from({ length: maxRows }, (_, i) =>
    textOf(
      `VALUES ${Array(i + 1)
        .fill(row)
        .join(', ')}`,
    ),
  );

  return (rows) => {
    const queries: SqlQuery[] = [];
    for (let from = 0; from < rows.length; from += maxRows) {
      const block = rows.slice(from, from + maxRows);
      const args = block.flatMap((values) => names.map((name) => values[name]));
      queries.push({ sql: texts[block.length - 1] as string, args, argTypes: [] });
    }
    return queries;
  };
}
