/** A terminal signals npm and the server alike, and npm passes its signal on: what comes so soon is the same request again. */
const repeatedWithinMs = 1000;

const parentCheckMs = 250;

/** Calls `stop` once, on SIGTERM or SIGINT. A second signal, later than an echo of the first, ends the process at once. */
export function onStopSignal(stop: (signal: NodeJS.Signals) => void): void {
  const signals = ['SIGTERM', 'SIGINT'] as const;
  let isStopping = false;
  const listener = (signal: NodeJS.Signals) => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => signals.forEach((name) => void process.off(name, listener)), repeatedWithinMs).unref();
    stop(signal);
  };
  for (const signal of signals) process.on(signal, listener);
}

/**
 * npx starts a command through a shell, which dies of a signal and does not pass it on. So a process that npm or npx started
 * stops when its parent is gone. Started in any other way, it may well outlive its parent.
 */
export function stopWithParent(env: NodeJS.ProcessEnv): void {
  if (env.npm_lifecycle_event !== 'start' && env.npm_lifecycle_event !== 'npx') return;
  const parent = process.ppid;
  const check = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(check);
    process.kill(process.pid, 'SIGTERM');
  }, parentCheckMs);
  check.unref();
}
