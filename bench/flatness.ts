import type { Store } from './data.ts';
import { load, startRoster, stop } from './server-process.ts';
import { quantile } from './statistics.ts';

/** How many deep pages a second a store of this size answers. */
export interface Sized {
  readonly users: number;
  readonly perSecond: number;
}

/** Loads a Roster on each of the stores with deep pages, 32 connections, in rounds, interleaved, after one to warm up. */
export async function measureFlatness(
  stores: Store[],
  { rounds, seconds }: { rounds: number; seconds: number },
): Promise<Sized[]> {
  const measured = [];
  for (const { users, url, key } of stores) {
    measured.push({ users, server: await startRoster('Roster', url, key), perSecond: [] as number[] });
  }
  for (let round = 0; round <= rounds; round += 1) {
    for (const { users, server, perSecond } of measured) {
      const result = await load(server, [seconds, 32, 'page', users, 0]);
      if (result.failures > 0) throw new Error(`${result.failures} pages of ${users} users failed`);
      if (round > 0) perSecond.push(result.perSecond);
    }
  }
  for (const { server } of measured) await stop(server);
  return measured.map(({ users, perSecond }) => ({ users, perSecond: quantile(perSecond, 0.5) }));
}
