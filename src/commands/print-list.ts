import type { Terminal } from './terminal.ts';

/** A line each. Of an empty list standard error says so, and standard output stays empty for what counts its lines. */
export async function printList<Row>(
  { stdout, stderr }: Terminal,
  pages: AsyncIterable<readonly Row[]>,
  summarize: (row: Row) => string,
  none: string,
): Promise<void> {
  let isEmpty = true;
  for await (const page of pages) {
    for (const row of page) stdout.write(`${summarize(row)}\n`);
    isEmpty &&= page.length === 0;
  }
  if (isEmpty) stderr.write(`${none}\n`);
}
