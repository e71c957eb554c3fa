import { describe, expect, test } from 'vitest';
import { pauseAfter } from '../../src/webhooks/pace.ts';

const second = { ms: 1000, utilization: 1 };

describe('after so many deliveries, a process waits', () => {
  test.each([
    ['not longer than always, while it has time', 100, { ...second, utilization: 0.5, requests: 4000 }, 20],
    ['not longer than always, where deliveries alone fill it', 100, { ...second, requests: 10 }, 20],
    ['for four requests each, where requests fill it', 100, { ...second, requests: 4000 }, 100],
    ['as long where its database leaves it some time', 100, { ...second, utilization: 0.7, requests: 4000 }, 100],
    ['as long beside as many requests in less time', 100, { ms: 100, utilization: 1, requests: 400 }, 100],
    ['not for ever, where its requests are few and costly', 100, { ...second, requests: 300 }, 400],
    ['not longer than always, where it took none', 0, { ...second, requests: 4000 }, 20],
  ])('%s', (_how, taken, elapsed, pauseMs) => {
    expect(pauseAfter(taken, elapsed, 20)).toBe(pauseMs);
  });
});
