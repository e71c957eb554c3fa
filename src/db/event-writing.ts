import type { SqlQueryable } from '@prisma/driver-adapter-utils';

/** How events are written, and put in the order in which they were committed. */
export interface EventWriting {
  /**
   * Within a transaction: writes rows, given as their columns. They have one order, whatever commits when. Answers how many
   * deliveries of webhooks it made: one for each event that has its position now, and each endpoint that is sent its type.
   */
  insert(queryable: SqlQueryable, rows: readonly Record<string, unknown>[]): Promise<number>;
  /**
   * Gives positions to so many of the events that are committed and have none, and makes their deliveries. Null where they have
   * theirs from the start.
   */
  readonly number: ((queryable: SqlQueryable, limit: number) => Promise<Numbered>) | null;
}

/** How many events have their positions now, none where another process is at it, and how many deliveries there are of them. */
export interface Numbered {
  readonly events: number;
  readonly deliveries: number;
}

/**
 * The columns of a delivery that is due; `event` and `endpoint` are the rows that it is made of. After a clock that was set back the
 * moment of the event is still to come, and the delivery must not wait for it: so the earlier one of the two counts.
 */
export function newDelivery({ randomHex, earlierOf }: { randomHex: string; earlierOf: (moment: string) => string }): {
  readonly names: string;
  readonly values: string;
} {
  const values = {
    // The time of the event and 64 random bits: the digits of hexadecimal are some of those of a ULID.
    id: `'whd_' || substr(event.id, 7, 10) || upper(${randomHex})`,
    endpoint_id: 'endpoint.id',
    event_id: 'event.id',
    user_id: 'event.user_id',
    position: 'event.position',
    state: `'pending'`,
    attempt: '0',
    due_at: earlierOf('event.created_at'),
    created_at: 'event.created_at',
  };
  return { names: Object.keys(values).join(', '), values: Object.values(values).join(', ') };
}

/** The start of the text of every event, up to the moment. All ids are of one length, so this is where it always stands. */
const head = `{"object":"event","id":"event_${'0'.repeat(26)}","created_at":"`;

/** Where the moment begins in the text of an event, counted from 0, and its length. */
export const momentOffset = head.length;
export const momentLength = '2026-01-15T12:00:00.000Z'.length;
