/** Pauses that can be cut short, also by a call that came before they began. */
export interface Alarm {
  ring(): void;
  /** Forgets what has rung. */
  reset(): void;
  /** About so long: processes that started together do not wake up together for ever. */
  pause(ms: number): Promise<void>;
}

export function createAlarm(): Alarm {
  let wake = () => {};
  let hasRung = false;
  return {
    ring() {
      hasRung = true;
      wake();
    },
    reset() {
      hasRung = false;
    },
    pause: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms * (0.75 + Math.random() / 4)).unref();
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
        if (hasRung) wake();
      }),
  };
}
