/** Resolves when `work` has, and after so long at the latest. */
export async function waitAtMost(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  try {
    await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

const stepMs = 1000;

/**
 * Calls back when this process has run for so long; answers what puts it off. A process that stood still, stopped or with its
 * machine, finds all its timers over before it has heard what was answered meanwhile. So a step counts for no more than it is,
 * and what has come is heard before the end.
 */
export function afterRunning(timeoutMs: number, call: () => void): () => void {
  let leftMs = timeoutMs;
  let timer: NodeJS.Timeout;
  let hearing: NodeJS.Immediate | undefined;
  function step(): void {
    if (leftMs <= 0) {
      hearing = setImmediate(call);
      return;
    }
    const nextMs = Math.min(leftMs, stepMs);
    leftMs -= nextMs;
    timer = setTimeout(step, nextMs).unref();
  }
  step();
  return () => {
    clearTimeout(timer);
    clearImmediate(hearing);
  };
}
