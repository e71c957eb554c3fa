import type { SqlQueryable } from '@prisma/driver-adapter-utils';

/** How events are written, and put in the order in which they were committed. */
export interface EventWriting {
  /** Within a transaction: writes rows, given as their columns. They have one order, whatever commits when. */
  insert(queryable: SqlQueryable, rows: readonly Record<string, unknown>[]): Promise<void>;
  /**
   * Gives positions to so many of the events that are committed and have none; answers to how many, and zero where another
   * process is at it. Null where they have theirs from the start.
   */
  readonly number: ((queryable: SqlQueryable, limit: number) => Promise<number>) | null;
}

/** The start of the text of every event, up to the moment. All ids are of one length, so this is where it always stands. */
const head = `{"object":"event","id":"event_${'0'.repeat(26)}","created_at":"`;

/** Where the moment begins in the text of an event, counted from 0, and its length. */
export const momentOffset = head.length;
export const momentLength = '2026-01-15T12:00:00.000Z'.length;
