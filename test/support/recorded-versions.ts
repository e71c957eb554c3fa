import { expect } from 'vitest';
import type { DatabaseClient } from '../../src/db/database.ts';
import { waitFor } from './wait.ts';

const versionTypes = ['user.created', 'user.updated', 'user.deleted'];

/** Every version of a user has its one event, and they stand in the order of the versions. */
export async function expectVersionsRecorded(reader: DatabaseClient, userId: string, version: number): Promise<void> {
  const read = async () => {
    const where = { userId, type: { in: versionTypes } };
    const events = await reader.event.findMany({ where, orderBy: { position: 'asc' }, select: { userVersion: true } });
    return events.map(({ userVersion }) => userVersion);
  };
  await waitFor('the events of a user to be numbered', async () => (await read()).length >= version);
  expect(await read()).toEqual(Array.from({ length: version }, (_, i) => i + 1));
}

/** Positions begin with 1 and have no gaps; nothing waits for its position. */
export async function expectPositionsWhole(reader: DatabaseClient): Promise<void> {
  await waitFor('all events to be numbered', async () => (await reader.unnumberedEvent.count()) === 0);
  const { _count, _min, _max } = await reader.event.aggregate({
    _count: true,
    _min: { position: true },
    _max: { position: true },
  });
  expect([_min.position, _max.position]).toEqual([1n, BigInt(_count)]);
}
