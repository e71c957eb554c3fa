import type { Logger } from 'pino';
import type { EventReads, StoredEvent } from '../../db/database.ts';
import { nowAndThen } from '../../log/now-and-then.ts';

/** What all of a process that follow are told of within this time, and one read of the table tells all of them. */
const pollMs = 250;
const maxBatch = 500;

export type Follower = (events: readonly StoredEvent[]) => void;

/** New events, read from the table: those of this process come no other way than those of others. */
export interface Feed {
  /** Begins to read, if nobody has yet, and answers how to leave. What is read is new from then on. */
  enter(): Promise<() => void>;
  /** The position up to which everything has been read. Of use only within `enter` and leaving. */
  readonly head: number;
  /** Has whatever is beyond the head told to it, from now on. */
  join(follower: Follower): () => void;
}

export function createFeed(reads: EventReads, log: Logger): Feed {
  const followers = new Set<Follower>();
  const warn = nowAndThen((count) => log.warn({ count }, 'events could not be read for those who follow them'));
  let inside = 0;
  let head = 0;
  let starting: Promise<void> | null = null;

  async function start(): Promise<void> {
    const [newest] = await reads.list({ order: 'desc', limit: 1 });
    head = newest?.position ?? 0;
    schedule(pollMs);
  }

  /** The timer lets the process end: what it serves, holds it by its connections. */
  function schedule(ms: number): void {
    setTimeout(() => void poll(), ms).unref();
  }

  async function poll(): Promise<void> {
    if (inside === 0) {
      starting = null;
      return;
    }
    schedule((await read()) ? 0 : pollMs);
  }

  /** Whether there may be more at once. */
  async function read(): Promise<boolean> {
    try {
      const events = await reads.list({ from: head + 1, order: 'asc', limit: maxBatch });
      head = events.at(-1)?.position ?? head;
      if (events.length > 0) for (const tell of followers) tell(events);
      return events.length === maxBatch;
    } catch {
      warn();
      return false;
    }
  }

  return {
    get head() {
      return head;
    },
    async enter() {
      inside += 1;
      const leave = once(() => {
        inside -= 1;
      });
      try {
        starting ??= start();
        await starting;
        return leave;
      } catch (error) {
        starting = null;
        leave();
        throw error;
      }
    },
    join(follower) {
      followers.add(follower);
      return () => followers.delete(follower);
    },
  };
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}
