import type { EventReads, StoredEvent } from '../../db/database.ts';
import { DomainError } from '../../errors.ts';
import type { EventType } from '../event-types.ts';
import type { Feed } from './feed.ts';

/** Who has so many before them that they have not taken is too slow: they go on later, from the last one they saw. */
const maxWaiting = 1000;
/** In characters of their texts, which all streams of a process share. */
const maxWaitingSize = 8_388_608;
/** Of what is read for one stream alone, so much is kept at once. */
const pageSize = 100;
const maxPageSize = 262_144;

export interface WhichEvents {
  readonly userId?: string | undefined;
  readonly types?: readonly EventType[] | undefined;
}

/** The events beyond a position, without end until it is ended. */
export interface Following extends AsyncIterableIterator<StoredEvent> {
  return(): Promise<IteratorReturnResult<undefined>>;
  /** What waits is dropped; whoever takes the next is told that there is none, or the error. */
  end(error?: DomainError): void;
}

interface Given {
  readonly reads: EventReads;
  readonly feed: Feed;
  /** The position of the last event before them. */
  readonly after: number;
  readonly which: WhichEvents;
  readonly onEnd: () => void;
}

const done = { done: true, value: undefined } as const;

/**
 * First what the table has already, a page at a time as it is taken; then, from where the feed stands at that moment, what the
 * feed tells. A generator would not do: it could not be ended while it waits.
 */
export function follow({ reads, feed, after, which, onEnd }: Given): Following {
  const waiting: StoredEvent[] = [];
  let position = after;
  let leave: (() => void) | null = null;
  let ended: { error?: DomainError | undefined } | null = null;
  let wake = () => {};

  function tell(events: readonly StoredEvent[]): void {
    waiting.push(...events.filter((event) => event.position > position && isAmong(which, event)));
    if (waiting.length > maxWaiting || sizeOf(waiting) > maxWaitingSize) end(tooSlow());
    wake();
  }

  async function catchUp(): Promise<void> {
    const to = feed.head;
    if (position >= to) {
      leave = feed.join(tell);
      return;
    }
    const range = { ...which, from: position + 1, to, order: 'asc', limit: pageSize } as const;
    const events = which.types?.length === 0 ? [] : await reads.list(range);
    if (ended) return;
    const kept = firstOf(events, maxPageSize);
    waiting.push(...kept);
    position = kept.length < pageSize && kept.length === events.length ? to : (kept.at(-1) as StoredEvent).position;
  }

  function end(error?: DomainError): void {
    if (ended) return;
    ended = { error };
    waiting.length = 0;
    leave?.();
    onEnd();
    wake();
  }

  async function next(): Promise<IteratorResult<StoredEvent>> {
    while (!ended) {
      const value = waiting.shift();
      if (value) return { done: false, value };
      if (!leave) await catchUp();
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    const { error } = ended as { error?: DomainError };
    ended = {};
    if (error) throw error;
    return done;
  }

  return {
    next,
    end,
    async return() {
      end();
      return done;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function sizeOf(events: readonly StoredEvent[]): number {
  return events.reduce((sum, { body }) => sum + body.length, 0);
}

/** The first ones, as far as they are no larger than that together; one in any case. */
function firstOf(events: StoredEvent[], maxSize: number): StoredEvent[] {
  let size = 0;
  const end = events.findIndex(({ body }, i) => {
    size += body.length;
    return i > 0 && size > maxSize;
  });
  return end < 0 ? events : events.slice(0, end);
}

function isAmong({ userId, types }: WhichEvents, event: StoredEvent): boolean {
  if (userId !== undefined && event.userId !== userId) return false;
  return types === undefined || types.includes(event.type as EventType);
}

function tooSlow(): DomainError {
  const message = `More than ${maxWaiting} events, or 8 MB of them, waited to be taken. Go on after the last one that you saw.`;
  return new DomainError('reader_too_slow', message);
}
