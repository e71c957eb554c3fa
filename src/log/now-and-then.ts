const pauseMs = 10_000;

/** Tells at once, and then at most every ten seconds, of how many there were since: what an attack repeats must not fill the log. */
export function nowAndThen(tell: (count: number) => void): (count?: unknown) => void {
  let pending = 0;
  let isPausing = false;

  function tellPending(): void {
    isPausing = pending > 0;
    if (!isPausing) return;
    setTimeout(tellPending, pauseMs).unref();
    tell(pending);
    pending = 0;
  }

  return (count) => {
    pending += typeof count === 'number' ? count : 1;
    if (!isPausing) tellPending();
  };
}
