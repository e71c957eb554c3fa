/** How long one turn of the event loop works on requests that have arrived, in milliseconds. */
const maxTurnMs = 4;

/** So many requests of one connection may wait: nobody who reads their answers has more under way. */
const maxWaitingOfOne = 64;

/**
 * Begins work in the order in which it is given: at once, or in one of the next turns of the event loop. Answers false, and
 * does not begin it, where too much of the same connection waits: what is sent there costs its sender nothing, and here memory.
 */
export type Begin = (connection: object, work: () => void) => boolean;

/**
 * Keeps the turns of the event loop short. Node takes one new connection a turn (libuv 1.45 and later), and a turn begins all
 * requests that have arrived: where those are many or costly, whoever connects would wait for seconds while the others are served.
 */
export function createTurns(): Begin {
  let startedAt: number | null = null;
  /** How many wait, by connection. */
  const waiting = new Map<object, number>();

  /** Whether this turn has worked for long enough. What was begun in it runs on between the beginnings, and counts. */
  function isOver(): boolean {
    const now = performance.now();
    if (startedAt === null) {
      startedAt = now;
      setImmediate(endTurn);
    }
    return now - startedAt > maxTurnMs;
  }

  function endTurn(): void {
    startedAt = null;
  }

  function leave(connection: object): void {
    const left = (waiting.get(connection) ?? 0) - 1;
    if (left > 0) waiting.set(connection, left);
    else waiting.delete(connection);
  }

  return (connection, work) => {
    if (waiting.size === 0 && !isOver()) {
      work();
      return true;
    }
    const ofOne = waiting.get(connection) ?? 0;
    if (ofOne >= maxWaitingOfOne) return false;
    waiting.set(connection, ofOne + 1);
    setImmediate(function tryToBegin() {
      if (isOver()) {
        setImmediate(tryToBegin);
        return;
      }
      leave(connection);
      work();
    });
    return true;
  };
}
