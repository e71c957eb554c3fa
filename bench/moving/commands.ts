import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Database, openDatabase } from '../../src/db/database.ts';

/** How often it is looked at what a command has done. */
const pollMs = 20;

/** A command of the built Roster, on a database. */
export function startCommand(url: string, args: string[]): ChildProcess {
  const env = { ...process.env, DATABASE_URL: url, NODE_ENV: 'production', SIGNING_KEY_SECRET: 'x'.repeat(32) };
  return spawn(process.execPath, ['dist/main.js', ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Runs a script on all cores, and answers the JSON that it prints. */
export async function runScript<T>(script: string, args: (string | number)[]): Promise<T> {
  const command = ['--import', 'tsx', script, ...args.map(String)];
  const { stdout } = await promisify(execFile)(process.execPath, command);
  return JSON.parse(stdout) as T;
}

/** How many records an import was through with, at a moment in milliseconds. */
export interface Sample {
  readonly at: number;
  readonly records: number;
}

export interface Finished {
  /** From the start of the process to its end. */
  readonly seconds: number;
  readonly peakMiB: number;
  readonly samples: readonly Sample[];
}

/** Waits for the end of a command, which must be a good one, and looks at the import meanwhile. */
export async function untilFinished(child: ChildProcess, url: string): Promise<Finished> {
  const startedAt = performance.now();
  const ended = once(child, 'exit');
  const samples: Sample[] = [];
  let peakMiB = 0;
  const db = await openStore(url);
  while (child.exitCode === null && child.signalCode === null) {
    samples.push({ at: performance.now(), records: await recordsDone(db) });
    peakMiB = Math.max(peakMiB, peakOf(child));
    await Promise.race([sleep(pollMs), ended]);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  samples.push({ at: performance.now(), records: await recordsDone(db) });
  await db.close();
  if (child.exitCode !== 0) throw new Error(`a command ended with ${child.exitCode ?? child.signalCode}`);
  return { seconds, peakMiB, samples };
}

export function openStore(url: string): Promise<Database> {
  return openDatabase({ url, synchronous: 'normal', busyTimeoutMs: 5000 });
}

/** Of the only import that there is. */
export async function recordsDone({ reader }: Database): Promise<number> {
  return (await reader.import.findFirst())?.records ?? 0;
}

/** The most memory that the process had so far: it is gone when it has ended. */
function peakOf({ pid }: ChildProcess): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Records a second between two shares of all of them; before the first commit nothing is measured. */
export function rateBetween(samples: readonly Sample[], from: number, to: number): number {
  const commits = commitsOf(samples);
  const all = commits.at(-1)?.records ?? 0;
  const start = Math.max(from * all, commits[0]?.records ?? 0);
  return ((to * all - start) * 1000) / (momentOf(commits, to * all) - momentOf(commits, start));
}

/** The first look at each commit: one of many records is in none of the looks before it, and was at work all the while. */
function commitsOf(samples: readonly Sample[]): Sample[] {
  return samples.filter(({ records }, i) => records > (samples[i - 1]?.records ?? 0));
}

/** When so many were done, between two commits in proportion. */
function momentOf(commits: readonly Sample[], records: number): number {
  const after = commits.findIndex((commit) => commit.records >= records);
  const [before, next] = [commits[after - 1] ?? commits[0], commits[after]] as [Sample, Sample];
  if (next.records === before.records) return next.at;
  return before.at + ((next.at - before.at) * (records - before.records)) / (next.records - before.records);
}
