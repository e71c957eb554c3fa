const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** How long after each attempt that failed the next one is made: with the first, ten attempts in 3.2 days. */
const delaysMs = [5 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour];

/** By so much, up or down, a delay differs by chance: what failed together does not come again together. */
const jitter = 0.2;

const maxRetryAfterMs = 24 * hour;

/**
 * How long to wait after an attempt, counted from 1, has failed; null when it was the last. A receiver that says when to come
 * again is not asked before, for a day at most.
 */
export function delayAfter(attempt: number, retryAfterMs: number | null, random = Math.random()): number | null {
  const delayMs = delaysMs[attempt - 1];
  if (delayMs === undefined) return null;
  const varied = Math.round(delayMs * (1 + jitter * (2 * random - 1)));
  return Math.max(varied, Math.min(retryAfterMs ?? 0, maxRetryAfterMs));
}

/** A `Retry-After` header (RFC 9110, 10.2.3), seconds or a date, in milliseconds from now; null where it says neither. */
export function parseRetryAfter(value: string | undefined, now: Date): number | null {
  if (value === undefined) return null;
  if (/^\d{1,10}$/.test(value.trim())) return Number(value) * second;
  const moment = /^[A-Z][a-z]+, /.test(value) ? Date.parse(value) : Number.NaN; // JavaScript takes much more for a date
  return Number.isNaN(moment) ? null : Math.max(0, moment - now.getTime());
}
