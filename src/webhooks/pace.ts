import { type EventLoopUtilization, performance } from 'node:perf_hooks';

/** A process that does something for so much of its time has little more to give: its database and its machine have work, too. */
const filled = 0.6;
/** Then there is one delivery for so many requests, and so many a second in any case. */
const requestsPerDelivery = 4;
const minPerSecond = 250;

/** What has happened between two looks. */
export interface Elapsed {
  readonly ms: number;
  /** How much of that time the process did something: from 0 to 1. */
  readonly utilization: number;
  readonly requests: number;
}

/**
 * How long to wait after so many deliveries were taken, in ms. Somebody waits for the answer to a request, and nobody for a
 * webhook: where requests fill the process, they keep most of it.
 */
export function pauseAfter(taken: number, { ms, utilization, requests }: Elapsed, leastMs: number): number {
  if (utilization < filled) return leastMs;
  const requestsPerSecond = (requests * 1000) / ms;
  if (requestsPerSecond < minPerSecond) return leastMs; // it is deliveries that fill it
  return Math.max(leastMs, (taken * 1000) / Math.max(minPerSecond, requestsPerSecond / requestsPerDelivery));
}

/** Looks at a process, and a count of its requests; each call answers what has happened since the one before. */
export function createStopwatch(countRequests: () => number): () => Elapsed {
  let before = look();
  function look(): { at: number; loop: EventLoopUtilization; requests: number } {
    return { at: performance.now(), loop: performance.eventLoopUtilization(), requests: countRequests() };
  }
  return () => {
    const [last, now] = [before, look()];
    before = now;
    const { utilization } = performance.eventLoopUtilization(now.loop, last.loop);
    return { ms: now.at - last.at, utilization, requests: now.requests - last.requests };
  };
}
