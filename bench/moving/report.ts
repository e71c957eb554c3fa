import { fixed } from '../statistics.ts';
import type { Beside } from './beside.ts';

/** What was measured of one database with so many users; all rates are users a second, of whole commands. */
export interface Moved {
  readonly database: string;
  readonly users: number;
  readonly imported: number;
  /** Of the bulk insert that is written by hand. */
  readonly bulk: number;
  readonly bulkFirstQuarter: number;
  readonly bulkLastQuarter: number;
  readonly firstQuarter: number;
  readonly lastQuarter: number;
  readonly peakMiB: number;
  readonly exported: number;
  readonly exportPeakMiB: number;
  readonly beside: Beside | null;
}

const moving = [
  '| Database | Users | Import, users/s | by hand | ratio | first quarter | last quarter | by hand: first | last | MiB | Export, users/s | MiB |',
  '|---|---|---|---|---|---|---|---|---|---|---|---|',
];
const beside = [
  '| Database | Users of the file | Updates/s alone | during an import | share | p99 ms alone | during | Import, users/s |',
  '|---|---|---|---|---|---|---|---|',
];
const goals = ['| Database | Users | Goal | Wanted | Is | |', '|---|---|---|---|---|---|'];

const minImported: Record<string, number> = { SQLite: 20_000, PostgreSQL: 10_000 };
/** Of a bulk insert written by hand. */
const minRatio = 0.3;
const maxMiB = 300;
const minExported = 50_000;
/** Of the first quarter's rate in the last: below it, it is slower than what the same work measured twice differs by. */
const minFlatness = 0.9;
const minShare = 0.7;

function row(...cells: (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}

function movingRow(moved: Moved): string {
  const { database, users, imported, bulk, firstQuarter, lastQuarter, peakMiB, exported, exportPeakMiB } = moved;
  const byHand = [moved.bulkFirstQuarter, moved.bulkLastQuarter];
  const rates = [fixed(imported, 0), fixed(bulk, 0), fixed(imported / bulk, 2)];
  const more = [firstQuarter, lastQuarter, ...byHand, peakMiB, exported, exportPeakMiB].map((value) => fixed(value, 0));
  return row(database, users, ...rates, ...more);
}

function besideRows({ database, users, beside: found }: Moved): string[] {
  if (!found) return [];
  const { alone, during, imported, p99 } = found;
  const rates = [fixed(alone, 0), fixed(during, 0), fixed(during / alone, 2)];
  return [row(database, users, ...rates, fixed(p99.alone), fixed(p99.during), fixed(imported, 0))];
}

function goalRows(moved: Moved): string[] {
  const { database, users, imported, bulk, firstQuarter, lastQuarter, peakMiB, exported, beside: found } = moved;
  const flatness = lastQuarter / firstQuarter;
  const flatnessByHand = moved.bulkLastQuarter / moved.bulkFirstQuarter;
  const least = (goal: string, wanted: number, is: number, digits = 0) =>
    row(database, users, goal, `≥ ${wanted}`, fixed(is, digits), is >= wanted ? 'reached' : '**missed**');
  return [
    least('import, users/s', minImported[database] ?? 0, imported),
    least('import, of the bulk insert by hand', minRatio, imported / bulk, 2),
    least("import, the last quarter's rate of the first's", minFlatness, flatness, 2),
    least('the same, of what it is by hand', minFlatness, flatness / flatnessByHand, 2),
    row(database, users, 'import, MiB', `≤ ${maxMiB}`, fixed(peakMiB, 0), peakMiB <= maxMiB ? 'reached' : '**missed**'),
    least('export, users/s', minExported, exported),
    ...(found ? [least('updates beside an import, of those alone', minShare, found.during / found.alone, 2)] : []),
  ];
}

const tables = [
  { head: moving, rowsOf: (moved: Moved) => [movingRow(moved)] },
  { head: beside, rowsOf: besideRows },
  { head: goals, rowsOf: goalRows },
];

export function describeRows(measured: readonly Moved[]): string {
  return tables.map(({ head, rowsOf }) => [...head, ...measured.flatMap(rowsOf)].join('\n')).join('\n\n');
}

/** The text of the file of results, with these instead of what it has of the same databases and sizes. */
export function mergeRows(before: string, measured: readonly Moved[], machine: string): string {
  const placeOf = (line: string) => line.split('|').slice(1, 3).join('|');
  const sections = tables.map(({ head, rowsOf }) => {
    const lines = before.split('\n');
    const start = lines.indexOf(head[0] as string);
    const end = start < 0 ? start : lines.findIndex((line, i) => i > start && !line.startsWith('|'));
    const rows = measured.flatMap(rowsOf);
    const replaced = new Set(rows.map(placeOf));
    const kept = start < 0 ? [] : lines.slice(start + 2, end).filter((line) => !replaced.has(placeOf(line)));
    return [...head, ...[...kept, ...rows].sort((a, b) => placeOf(b).localeCompare(placeOf(a)))].join('\n');
  });
  return `${[`The newest run: ${machine}.`, ...sections].join('\n\n')}\n`;
}
