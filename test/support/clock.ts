import { onTestFinished } from 'vitest';
import type { TestApp } from './app.ts';

/** Lets the whole service see another time. */
export async function at<T>({ app }: TestApp, time: Date, work: () => Promise<T>): Promise<T> {
  const { now } = app;
  Object.assign(app, { now: () => time });
  try {
    return await work();
  } finally {
    Object.assign(app, { now });
  }
}

const measured = performance.now.bind(performance);
/** What measures durations never goes back, so that nothing is left behind that is younger than now. */
let aheadMs = 0;
let stoppedAt: number | null = null;

/** Until the end of the test, what takes time in this process takes as long as the test says. Timers go on. */
export function stopDurations(): { forward(ms: number): void } {
  performance.now = () => (stoppedAt ?? measured()) + aheadMs;
  stoppedAt = Math.ceil(measured()); // a whole number: with a fraction, a thousand more less a thousand can be a little less
  onTestFinished(() => {
    stoppedAt = null;
    aheadMs += 1; // what was rounded up
  });
  return {
    forward: (ms) => {
      aheadMs += ms;
    },
  };
}

const beatMs = 100;

/** How long work takes, in ms and no finer than a beat, by a clock that stands still where this process does. */
export async function livedMs(work: () => Promise<unknown>): Promise<number> {
  let beats = 0;
  let timer: NodeJS.Timeout;
  const beat = () => {
    timer = setTimeout(() => {
      beats += 1;
      beat();
    }, beatMs);
  };
  beat();
  await work().finally(() => clearTimeout(timer));
  return beats * beatMs;
}
