import type { Deliveries } from './deliveries.ts';
import type { Sized } from './flatness.ts';
import type { Row, Work } from './measure.ts';
import { compareNotices } from './notices.ts';
import { compareRecording, noEventsSuffix } from './recording.ts';
import { fixed, quantile } from './statistics.ts';

interface Ratio extends Work {
  readonly goal: string;
  readonly SQLite: number;
  readonly PostgreSQL: number;
}

/** What Roster is to reach beside the raw server of the same database: the least ratio of the requests a second. */
const ratios: Ratio[] = [
  { goal: 'updateUser, two names', workload: 'update', connections: 32, SQLite: 0.5, PostgreSQL: 1 },
  { goal: 'updateUser, two names', workload: 'update', connections: 1, SQLite: 0.22, PostgreSQL: 0.55 },
  { goal: 'updateUsers, 500 of two names', workload: 'bulk', connections: 1, SQLite: 0.4, PostgreSQL: 0.4 },
  { goal: 'updateUser, email, identities go', workload: 'email', connections: 32, SQLite: 0.35, PostgreSQL: 0.7 },
  { goal: 'user(id) with identities', workload: 'user', connections: 32, SQLite: 0.5, PostgreSQL: 0.7 },
  { goal: 'users(first: 50), deep page', workload: 'page', connections: 32, SQLite: 0.4, PostgreSQL: 0.4 },
];

/** The same where nothing is recorded: the raw server records nothing. */
const ratiosWithoutEvents: Ratio[] = [
  { goal: 'updateUser, two names', workload: 'update', connections: 1, SQLite: 0.4, PostgreSQL: 0.75 },
];

const maxP99Ratio = 3;
const maxStartMs = 1500;
const maxMemoryMiB = 400;
/** Of the requests a second of a small store, on a large one. */
const minFlatness = 0.8;
/** What a garbage collector may leave lying about; a leak grows on. */
const maxGrowth = 1.1;
/** Deliveries a second to several endpoints, and to one; and of the updates, those that are left beside them. */
const minDeliveries = { several: 1000, one: 200 };
const minUpdatesBeside = 0.8;

export interface Resources {
  readonly database: string;
  /** From the start of the process to the first answer. */
  readonly startMs: number;
  /** Taken under load, ten seconds apart. */
  readonly memoryMiB: number[];
  readonly deliveries: Deliveries[];
  /** The smallest store first. */
  readonly sizes: Sized[];
}

export const goalsHead = ['| Database | Goal | Server | Wanted | Is | |', '|---|---|---|---|---|---|'];

/** A line for every goal that something was measured for. */
export function describeGoals(rows: Row[], resources: Resources[]): string[] {
  return [...rows.filter(isRoster).flatMap((row) => judge(row, rows)), ...resources.flatMap(judgeResources)];
}

function isRoster({ server }: Row): boolean {
  return server.startsWith('Roster');
}

function judge(row: Row, rows: Row[]): string[] {
  const { database, server, workload, connections, ratio, p99Ratio, perSecond } = row;
  const line = (goal: string, wanted: string, is: string, reached: boolean) =>
    toLine(database, `${goal}, ${connections} at once`, server, wanted, is, reached);
  if (workload === 'rest-update') {
    const graphql = rows.find(
      (r) => isRoster(r) && r.server === server && r.workload === 'update' && r.connections > 1,
    );
    const wanted = graphql?.perSecond ?? 0;
    return [line('REST PUT, two names', `≥ ${fixed(wanted, 0)}/s`, `${fixed(perSecond, 0)}/s`, perSecond >= wanted)];
  }
  const notices = compareNotices(row, rows);
  if (notices) return [line('updateUser, email, with a notice', notices.wanted, notices.is, notices.reached)];
  const known = (server.endsWith(noEventsSuffix) ? [...ratiosWithoutEvents, ...ratios] : ratios).find(
    (goal) => goal.workload === workload && goal.connections === connections,
  );
  if (!known) return [];
  const wanted = known[database as 'SQLite' | 'PostgreSQL'];
  const lines = [line(known.goal, `≥ ${fixed(wanted, 2)}`, fixed(ratio, 2), ratio >= wanted)];
  if (connections > 1)
    lines.push(line(`${known.goal}: p99`, `≤ ${maxP99Ratio} × raw`, fixed(p99Ratio), p99Ratio <= maxP99Ratio));
  const recording = compareRecording(row, rows);
  if (recording) lines.push(line(`${known.goal}, recorded`, recording.wanted, recording.is, recording.reached));
  return lines;
}

function judgeResources(resources: Resources): string[] {
  const lines = [judgeStart(resources), judgeMemory(resources), judgeFlatness(resources)];
  return [...lines, ...judgeDeliveries(resources)].filter((line) => line !== null);
}

function judgeStart({ database, startMs }: Resources): string {
  const [wanted, is] = [`≤ ${maxStartMs} ms`, `${fixed(startMs, 0)} ms`];
  return toLine(database, 'start to first answer', 'Roster', wanted, is, startMs <= maxStartMs);
}

/** Between two collections of garbage memory goes up and down, so halves are compared, not two moments. */
function judgeMemory({ database, memoryMiB }: Resources): string | null {
  const later = memoryMiB.slice(6); // after the first minute
  if (later.length < 2) return null;
  const half = Math.floor(later.length / 2);
  const [first, second] = [quantile(later.slice(0, half), 0.5), quantile(later.slice(half), 0.5)];
  const most = Math.max(...later);
  const goal = `memory, ${Math.round(memoryMiB.length / 6)} minutes of updates`;
  const is = `${fixed(first, 0)} → ${fixed(second, 0)}, at most ${fixed(most, 0)} MiB`;
  const reached = most <= maxMemoryMiB && second <= first * maxGrowth;
  return toLine(database, goal, 'Roster', `flat after one, ≤ ${maxMemoryMiB} MiB`, is, reached);
}

function judgeFlatness({ database, sizes: [small, large] }: Resources): string | null {
  if (!small || !large) return null;
  const flatness = large.perSecond / small.perSecond;
  const goal = `users(first: 50), deep page, ${large.users} users to ${small.users}`;
  return toLine(database, goal, 'Roster', `≥ ${fixed(minFlatness, 2)}`, fixed(flatness, 2), flatness >= minFlatness);
}

/** Beside updates by 32 connections, which fill the process. */
function judgeDeliveries({ database, deliveries }: Resources): string[] {
  return deliveries.map(({ endpoints, alone, beside, updates, ratio }) => {
    const least = endpoints > 1 ? minDeliveries.several : minDeliveries.one;
    const wanted = `≥ ${least}/s, updates ≥ ${fixed(minUpdatesBeside, 2)}`;
    const is = `${fixed(beside, 0)}/s beside ${fixed(updates, 0)} updates/s (${fixed(ratio, 2)}), ${fixed(alone, 0)}/s alone`;
    const isReached = beside >= least && ratio >= minUpdatesBeside;
    return toLine(database, `webhooks to ${endpoints} at once`, 'Roster', wanted, is, isReached);
  });
}

export function toLine(
  database: string,
  goal: string,
  server: string,
  wanted: string,
  is: string,
  reached: boolean,
): string {
  return `| ${[database, goal, server, wanted, is, reached ? 'reached' : '**not reached**'].join(' | ')} |`;
}
