/** How long one turn of the event loop works on requests that have arrived, in milliseconds. */
const maxTurnMs = 4;

/** Begins work in the order in which it is given: at once, or in one of the next turns of the event loop. */
export type Begin = (work: () => void) => void;

/**
 * Keeps the turns of the event loop short. Node takes one new connection a turn (libuv 1.45 and later), and a turn begins all
 * requests that have arrived: where those are many or costly, whoever connects would wait for seconds while the others are served.
 */
export function createTurns(): Begin {
  let startedAt: number | null = null;
  let waiting = 0;

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

  return (work) => {
    if (waiting === 0 && !isOver()) {
      work();
      return;
    }
    waiting += 1;
    setImmediate(function tryToBegin() {
      if (isOver()) {
        setImmediate(tryToBegin);
        return;
      }
      waiting -= 1;
      work();
    });
  };
}
