/** Pauses that can be cut short, also by a call that came before they began. */
export interface Alarm {
  ring(): void;
  /** Rings in a moment, once for all that ask for it meanwhile. */
  ringSoon(): void;
  /** Forgets what has rung. */
  reset(): void;
  /** About so long: processes that started together do not wake up together for ever. */
  pause(ms: number): Promise<void>;
}

/** How long a moment is: short for whoever waits for a mail, and long beside a look for what is due. */
export const momentMs = 20;

export function createAlarm(): Alarm {
  let wake = () => {};
  let hasRung = false;
  let ringsSoon = false;

  function ring(): void {
    hasRung = true;
    wake();
  }

  return {
    ring,
    ringSoon() {
      if (ringsSoon) return;
      ringsSoon = true;
      setTimeout(() => {
        ringsSoon = false;
        ring();
      }, momentMs).unref();
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
