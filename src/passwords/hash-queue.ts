import { DomainError } from '../errors.ts';

/** How many hashes may be computed at once, which bounds their memory, and how many may wait. */
export interface HashQueueOptions {
  maxConcurrent: number;
  maxQueued: number;
}

/** Runs hash computations, a few at a time. */
export interface HashQueue {
  /**
   * The work's own result, when its turn has come. Callers take turns: whoever asks for a hundred waits for those, and nobody
   * else does. Rejects with `rate_limited` when too many are waiting; when others are, whoever has most of them goes first.
   */
  run<T>(caller: string, work: () => Promise<T>): Promise<T>;
}

/** Somebody whose turn has not come. */
interface Waiting {
  start(): void;
  refuse(reason: DomainError): void;
}

const firstGuessMs = 100;
const weightOfLatest = 0.2;

/** A queue with room for a bounded number, in which callers take turns and each is served first come first. */
export function createHashQueue({ maxConcurrent, maxQueued }: HashQueueOptions): HashQueue {
  const waiting = createTurns();
  let running = 0;
  let averageMs = firstGuessMs;

  const tooMany = () => refusal(((running + waiting.count()) * averageMs) / maxConcurrent);

  const enter = async (caller: string): Promise<void> => {
    if (running < maxConcurrent) {
      running += 1;
      return;
    }
    if (waiting.count() >= maxQueued) {
      const latest = waiting.takeFromGreediest(caller);
      if (!latest) throw tooMany();
      latest.refuse(tooMany());
    }
    await new Promise<void>((resolve, reject) => waiting.add(caller, { start: resolve, refuse: reject }));
  };

  const leave = (): void => {
    const next = waiting.takeNext();
    if (next === null) running -= 1;
    else next.start(); // the place is handed over, so that nobody who comes in between can take it
  };

  return {
    run: async (caller, work) => {
      await enter(caller);
      const startedAt = performance.now();
      try {
        return await work();
      } finally {
        averageMs += (performance.now() - startedAt - averageMs) * weightOfLatest;
        leave();
      }
    },
  };
}

function refusal(waitMs: number): DomainError {
  return new DomainError('rate_limited', 'Too many passwords are being processed. Try again later.', {
    retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
  });
}

/** Those who wait, by caller; the callers in the order of their turns. */
function createTurns() {
  const lines = new Map<string, Waiting[]>();
  let count = 0;
  return {
    count: () => count,
    add(caller: string, waiting: Waiting): void {
      const line = lines.get(caller);
      if (line) line.push(waiting);
      else lines.set(caller, [waiting]);
      count += 1;
    },
    /** The first of the caller whose turn it is; that caller's next turn comes after everybody else's. */
    takeNext(): Waiting | null {
      const [first] = lines;
      if (!first) return null;
      const [caller, line] = first;
      const next = line.shift() as Waiting;
      lines.delete(caller);
      if (line.length > 0) lines.set(caller, line);
      count -= 1;
      return next;
    },
    /** The latest of the caller who has most, where that one has more than this caller would have; else null. */
    takeFromGreediest(caller: string): Waiting | null {
      const mine = lines.get(caller)?.length ?? 0;
      const longest = [...lines.values()].reduce((a, b) => (b.length > a.length ? b : a), []);
      if (longest.length <= mine + 1) return null;
      count -= 1;
      return longest.pop() as Waiting;
    },
  };
}
