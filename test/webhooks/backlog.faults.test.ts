import { expect, onTestFinished, test } from 'vitest';
import { drainBacklog } from '../../bench/backlog.ts';
import { createTestDatabase } from '../support/test-database.ts';

const deliveries = 100_000;

/**
 * What waits takes more than a kilobyte each, as a row and the text of its event: were it held, nine tenths of all would add 90 MiB
 * to what the first tenth took. What differs by less is garbage that is not collected yet.
 */
const maxGrowthMiB = 48;

/** A delivery that has failed twice is sent again after five minutes. Meanwhile it is told each minute what is waited for. */
const timeoutMs = 900_000;

test(
  'a backlog drains without growing memory, each delivery once, and an endpoint that was disabled has all of it replayed',
  async () => {
    const { url, remove } = await createTestDatabase();
    onTestFinished(remove);
    const { missing, repeated, small, large, replay } = await drainBacklog(url, deliveries);
    expect({ missing, repeated }).toEqual({ missing: 0, repeated: 0 });
    expect(large - small).toBeLessThan(maxGrowthMiB);
    expect(replay - small).toBeLessThan(maxGrowthMiB);
  },
  timeoutMs,
);
