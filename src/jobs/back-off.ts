const firstMs = 5000;
const mostMs = 3_600_000;

/** How long to wait after so many attempts have failed: twice as long each time, up to an hour, and by chance down to half of it. */
export function backOffMs(attempts: number, random = Math.random()): number {
  const whole = Math.min(mostMs, firstMs * 2 ** (attempts - 1));
  return Math.round(whole * (0.5 + random / 2));
}
