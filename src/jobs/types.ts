import type { Logger } from 'pino';
import type { Database, Prisma } from '../db/database.ts';

/** What is to be done, and how it is tried. A job may run more than once: a handler that did its work before does no harm. */
export interface JobKind {
  /**
   * Does the work; throws when it has to be tried again. The payload was stored, maybe by an earlier version: it is to be
   * parsed. Ends soon when the signal is aborted: the server stops, the time is over, or another process has the job now.
   */
  readonly handle: (payload: Prisma.JsonValue, context: JobContext) => Promise<void>;
  /** A job of this kind, without payload, runs so long after it succeeded, again and again. */
  readonly everySeconds?: number;
  /** How many run at once in one process; one, where nothing is said. */
  readonly concurrency?: number;
  /** How often it is begun before it has failed; ten times, where nothing is said. */
  readonly maxAttempts?: number;
  /** When an attempt is given up; after ten minutes, where nothing is said. Its lease is renewed until then. */
  readonly timeoutMs?: number;
}

/** The table of all kinds, by name. A job keeps its kind's name in the database: a name that was used stays. */
export type JobKinds = Readonly<Record<string, JobKind>>;

export interface JobContext {
  readonly id: string;
  /** Counted from 1. */
  readonly attempt: number;
  readonly signal: AbortSignal;
}

/** A job that is to be done. */
export interface NewJob {
  readonly kind: string;
  /** Ids rather than values. It is stored as it is given: a secret has to be sealed before. */
  readonly payload?: Prisma.InputJsonObject;
  /** What is asked for again with the same key while it waits is done once. What is asked for while it runs is done after that. */
  readonly key?: string;
  /** At once, where nothing is said. */
  readonly runAt?: Date;
}

/** How an attempt ended. `released`: it was not to blame, and does not count. */
export type Result =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'released' };

/** What the jobs of a process are made of. */
export interface JobsGiven {
  readonly db: Database;
  readonly log: Logger;
  readonly now: () => Date;
  readonly kinds: JobKinds;
}
