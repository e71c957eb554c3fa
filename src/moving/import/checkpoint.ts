import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, Import, ImportProgress, Transaction } from '../../db/database.ts';
import { violatedConstraint } from '../../db/errors.ts';
import { OperatorError } from '../../errors.ts';
import { type ImportCounts, newCounts } from './counts.ts';

/** A process that has not gone on for so long is taken for dead. A batch whose hashes are wrapped takes seconds. */
const leaseMs = 60_000;
const pollMs = 200;

/** Which import it is. */
export interface ImportKey {
  readonly id: string;
  readonly format: string;
  readonly files: string;
}

/** How far an import is, and the right to go on with it. */
export interface Checkpoint {
  readonly format: string;
  readonly startedAt: Date;
  /** So many records are done. */
  readonly records: number;
  readonly counts: ImportCounts;
  /** Within the transaction that wrote them: so many are done. Throws OperatorError where another process has taken over. */
  advance(tx: Transaction, progress: { records: number; counts: ImportCounts; isFinished: boolean }): Promise<void>;
  /** The same for whoever writes it with statements of their own. */
  progress(reached: { records: number; counts: ImportCounts }): ImportProgress;
  /** Lets another process go on at once. */
  release(): Promise<void>;
}

/**
 * Begins an import, or takes up one that was stopped. One that has come to its end begins anew. Another process that is at it is
 * waited for; `onWait` is told once.
 */
export async function takeCheckpoint(
  db: Database,
  key: ImportKey,
  now: () => Date,
  onWait: () => void,
): Promise<Checkpoint> {
  const owner = `${hostname()} ${process.pid} ${randomUUID()}`;
  for (let isFirst = true; ; isFirst = false) {
    const row = await db.transaction((tx) => takeRow(tx, key, owner, now())).catch(asTaken);
    if (row) return checkpointOf(db, row, owner, now);
    if (isFirst) onWait();
    await sleep(pollMs);
  }
}

/** Another process has begun the same import at this very moment. */
function asTaken(error: unknown): null {
  if (violatedConstraint(error) === null) throw error;
  return null;
}

/** Null where another process is at it. */
async function takeRow({ prisma }: Transaction, key: ImportKey, owner: string, at: Date): Promise<Import | null> {
  const stored = await prisma.import.findUnique({ where: { id: key.id } });
  const lock = { lockedBy: owner, lockedUntil: new Date(at.getTime() + leaseMs), updatedAt: at };
  if (!stored) {
    return prisma.import.create({ data: { ...key, ...lock, counts: toJson(newCounts()), startedAt: at } });
  }
  if (stored.lockedBy !== null && !isDead(stored, at)) return null;
  const again = stored.finishedAt && { records: 0, counts: toJson(newCounts()), finishedAt: null };
  const asRead = { id: key.id, lockedBy: stored.lockedBy, updatedAt: stored.updatedAt };
  const { count } = await prisma.import.updateMany({ where: asRead, data: { ...lock, ...again } });
  return count === 0 ? null : prisma.import.findUnique({ where: { id: key.id } });
}

/** Its lease is over, or it was a process of this machine that is gone. */
function isDead({ lockedBy, lockedUntil }: Import, at: Date): boolean {
  if (lockedUntil === null || lockedUntil <= at) return true;
  const [host, pid] = (lockedBy ?? '').split(' ');
  return host === hostname() && !isRunning(Number(pid));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function checkpointOf(db: Database, row: Import, owner: string, now: () => Date): Checkpoint {
  const mine = { id: row.id, lockedBy: owner };
  return {
    format: row.format,
    startedAt: row.startedAt,
    records: row.records,
    counts: row.counts as unknown as ImportCounts,
    async advance({ prisma }, { records, counts, isFinished }) {
      const at = now();
      const lock = isFinished
        ? { lockedBy: null, lockedUntil: null, finishedAt: at }
        : { lockedUntil: new Date(at.getTime() + leaseMs) };
      const data = { records, counts: toJson(counts), updatedAt: at, ...lock };
      const { count } = await prisma.import.updateMany({ where: mine, data });
      if (count === 0) throw takenOver();
    },
    progress({ records, counts }) {
      const at = now();
      return { ...mine, records, counts, updatedAt: at, lockedUntil: new Date(at.getTime() + leaseMs) };
    },
    async release() {
      const data = { lockedBy: null, lockedUntil: null };
      await db.transaction(({ prisma }) => prisma.import.updateMany({ where: mine, data }));
    },
  };
}

export function takenOver(): OperatorError {
  return new OperatorError('Another process has taken this import over, and goes on with it.');
}

function toJson(counts: ImportCounts): object {
  return structuredClone(counts);
}
