import { expect, test } from 'vitest';
import { delayAfter, parseRetryAfter } from '../../src/webhooks/schedule.ts';

const hour = 3_600_000;
const now = new Date('2026-01-15T12:00:00.000Z');

test('ten attempts in 3.2 days, and no eleventh', () => {
  const delays = Array.from({ length: 9 }, (_, i) => delayAfter(i + 1, null, 0.5) as number);
  expect(delays.map((ms) => ms / 1000)).toEqual([5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]);
  expect(delays.reduce((sum, ms) => sum + ms, 0) / (24 * hour)).toBeCloseTo(3.15, 1);
  expect(delayAfter(10, null)).toBeNull();
  expect(delayAfter(11, null)).toBeNull();
});

test('each delay differs by chance, by a fifth at most', () => {
  expect(delayAfter(2, null, 0)).toBe(240_000);
  expect(delayAfter(2, null, 1)).toBe(360_000);
  expect(new Set(Array.from({ length: 50 }, () => delayAfter(2, null))).size).toBeGreaterThan(40);
});

test('a receiver that asks for a pause gets it, for a day at most, and no attempt more', () => {
  expect(delayAfter(1, 120_000, 0.5)).toBe(120_000);
  expect(delayAfter(1, 1000, 0.5)).toBe(5000);
  expect(delayAfter(1, 100 * hour, 0.5)).toBe(24 * hour);
  expect(delayAfter(10, 120_000)).toBeNull();
});

test.each([
  ['120', 120_000],
  [' 0 ', 0],
  ['Thu, 15 Jan 2026 12:00:30 GMT', 30_000],
  ['Thu, 15 Jan 2026 11:00:00 GMT', 0],
  ['soon', null],
  ['-5', null],
  ['99999999999', null],
  ['', null],
  [undefined, null],
])('Retry-After %j is %j ms', (value, expected) => {
  expect(parseRetryAfter(value, now)).toBe(expected);
});
