import type { Logger } from 'pino';
import { createAlarm } from './alarm.ts';
import type { Runner, Timing } from './runner.ts';
import { waitAtMost } from './time-limit.ts';

/** What one process does beside the requests, of one sort. */
export interface Worker {
  /** After the commit of what is to be done: looks for what is due, in a moment. */
  wake(): void;
  /** Works from now on. */
  start(): void;
  /** Does what is due now, and answers whether there was something: for tests, whose time stands still. */
  runDue(): Promise<boolean>;
  /**
   * Begins nothing more, asks what runs to end, and waits for so long. What was not done, and ended in time, is for the next
   * process at once; what hangs, when its lease is over.
   */
  stop(timeoutMs: number): Promise<void>;
}

interface Given {
  readonly log: Logger;
  /** What it works on, as the log calls it: `jobs`. */
  readonly name: string;
  readonly timing: Timing;
  /** What has to be done once before it starts. */
  readonly prepare?: () => Promise<void>;
}

/** Works on what the runner takes, which tells when there is room again. */
export function createWorker(
  { log, name, timing, prepare = async () => {} }: Given,
  createRunner: (onRoom: () => void) => Runner,
): Worker {
  const alarm = createAlarm();
  const runner = createRunner(alarm.ring);
  const stopping = new AbortController();
  let looping: Promise<void> | null = null;
  let renewing: NodeJS.Timeout | undefined;
  let ending: Promise<void> | null = null;

  async function loop(): Promise<void> {
    let isPrepared = false;
    while (!stopping.signal.aborted) {
      alarm.reset();
      let waitMs = timing.pollMs;
      try {
        if (!isPrepared) await prepare();
        isPrepared = true;
        waitMs = await runner.beginDue();
      } catch (error) {
        log.warn({ err: error }, `${name} wait: the database did not answer`);
      }
      await alarm.pause(waitMs);
    }
  }

  const renew = () =>
    runner.renew().catch((error: unknown) => log.warn({ err: error }, `leases of ${name} could not be renewed`));

  async function end(timeoutMs: number): Promise<void> {
    stopping.abort();
    runner.abort();
    alarm.ring();
    await waitAtMost(
      timeoutMs,
      Promise.resolve(looping).then(() => runner.settled()),
    );
    clearInterval(renewing);
    const left = runner.running();
    if (left.length > 0) log.warn({ [name]: left }, `${name} did not end in time: another process runs them again`);
  }

  return {
    wake: alarm.ringSoon,
    start() {
      if (looping || stopping.signal.aborted) return;
      looping = loop();
      renewing = setInterval(renew, timing.leaseMs / 3).unref();
    },
    async runDue() {
      await runner.beginDue();
      const hasBegun = runner.running().length > 0;
      await runner.settled();
      return hasBegun;
    },
    stop(timeoutMs) {
      ending ??= end(timeoutMs);
      return ending;
    },
  };
}
