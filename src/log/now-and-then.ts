const pauseMs = 10_000;

/** Tells at once, and then at most every ten seconds, of how many there were since: what an attack repeats must not fill the log. */
export function nowAndThen(tell: (count: number) => void): (count?: unknown) => void {
  let nextAt = 0;
  let pending = 0;
  return (count) => {
    pending += typeof count === 'number' ? count : 1;
    if (performance.now() < nextAt) return;
    nextAt = performance.now() + pauseMs;
    tell(pending);
    pending = 0;
  };
}
