/** Keeps a worker from a server that is away: nothing is begun until the pause is over, which is longer after each failure. */
export interface Pause {
  /** When it ends; null where there is none. */
  until(): Date | null;
  /** The server was away. Answers whether that begins a pause: what was under way when it began says nothing new. */
  begin(): boolean;
  /** The server has answered. */
  end(): void;
}

export function createPause(scheduleMs: readonly number[], now: () => Date): Pause {
  let failures = 0;
  let until: Date | null = null;
  const longestMs = Math.max(...scheduleMs);
  /** One that ends later than any can is of a clock that was set back since. */
  const isOver = () => until === null || until <= now() || until.getTime() - now().getTime() > longestMs;
  return {
    until: () => (isOver() ? null : until),
    begin() {
      if (!isOver()) return false;
      failures += 1;
      until = new Date(now().getTime() + delayAfter(scheduleMs, failures));
      return true;
    },
    end() {
      failures = 0;
      until = null;
    },
  };
}

/** The schedule's next step after so many failures, and its last one from then on. */
export function delayAfter(scheduleMs: readonly number[], failures: number): number {
  return scheduleMs[Math.min(failures, scheduleMs.length) - 1] ?? 0;
}
