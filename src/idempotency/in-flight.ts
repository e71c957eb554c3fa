/** So long one waits for another, in ms. */
const maxWaitMs = 5000;

/**
 * Runs what has the same id one after the other, within this process; throws what `tooLong` makes where another one takes too
 * long. SQLite has no more processes than one; those of PostgreSQL wait for each other there.
 */
export function createInFlight(tooLong: () => Error): <T>(id: string, work: () => Promise<T>) => Promise<T> {
  const running = new Map<string, Promise<unknown>>();

  async function waitFor(other: Promise<unknown>, deadline: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(tooLong()), deadline - performance.now());
    });
    const ended = other.catch(() => {});
    await Promise.race([ended, late]).finally(() => clearTimeout(timer));
  }

  return async (id, work) => {
    const deadline = performance.now() + maxWaitMs;
    for (let other = running.get(id); other; other = running.get(id)) await waitFor(other, deadline);
    const own = work();
    running.set(id, own);
    try {
      return await own;
    } finally {
      if (running.get(id) === own) running.delete(id);
    }
  };
}
