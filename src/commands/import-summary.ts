import { type ImportCounts, outcomes } from '../moving/import/counts.ts';

/** What became of an import, for the standard output. */
export function summarizeImport(
  counts: ImportCounts,
  { isDryRun, records }: { isDryRun: boolean; records: number },
): string {
  const rows: [string, number][] = outcomes.map((outcome) => [outcome, counts[outcome]]);
  const types = Object.entries(counts.passwords).sort(([a], [b]) => (a < b ? -1 : 1));
  rows.push(['identities', counts.identities]);
  rows.push(...types.map(([type, count]): [string, number] => [`passwords, ${type}`, count]));
  rows.push(...Object.entries(counts.notes).map(([note, count]): [string, number] => [`users, ${note}`, count]));
  const lines = rows.map(([what, count]) => `${what.padEnd(40)}${String(count).padStart(10)}\n`);
  const head = isDryRun ? 'A dry run: nothing was written. This would be done:\n' : '';
  return `${head}${lines.join('')}${records} records. sha256 ${counts.checksum}\n`;
}
