import { expect, onTestFinished, test } from 'vitest';
import { UpdateUser } from '../support/documents.ts';
import { startFleet } from '../support/fleet.ts';
import { beginEvents, idsOf } from '../support/live.ts';
import { post, postUser } from '../support/server.ts';
import { openReader } from '../support/stored.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { waitFor } from '../support/wait.ts';

const writers = 4;

/** Two processes over one database, and one user of each of the writers, who write through both. */
async function start() {
  const { url, remove } = await createTestDatabase();
  onTestFinished(remove);
  const fleet = await startFleet(2, url);
  onTestFinished(fleet.dispose);
  const [a, b] = fleet.servers as [(typeof fleet.servers)[0], (typeof fleet.servers)[0]];
  const ids: string[] = [];
  for (let i = 0; i < writers; i += 1) ids.push(await postUser(a.url, fleet.key, { email: `u${i}@example.com` }));
  return { url, key: fleet.key, a, b, ids };
}

/** Updates a user again and again, through one process after the other; answers how often that was acknowledged. */
async function write(urls: readonly string[], key: string, id: string, isOver: () => boolean): Promise<number> {
  let acknowledged = 0;
  for (let n = 1; !isOver(); n += 1) {
    const variables = { id, input: { firstName: `${n}` } };
    const answer = await post(urls[n % urls.length] as string, key, String(UpdateUser), variables).catch(() => null);
    if (answer?.data) acknowledged += 1;
  }
  return acknowledged;
}

test.each([
  ['is stopped', 'SIGTERM'],
  ['is killed', 'SIGKILL'],
] as const)(
  'a stream of a process that %s goes on at another: nothing is missed and nothing told twice, while both are written through',
  async (_how, signal) => {
    const { url, key, a, b, ids } = await start();
    const reader = await openReader(url);
    const first = await waitFor('the first event', () => reader.event.findFirst({ where: { position: 1 } }));
    let isOver = false;
    const writing = ids.map((id) => write([a.url, b.url], key, id, () => isOver));

    const atA = await beginEvents(a.url, key, { after: first.id });
    await waitFor('events at the first process', () => atA.events.length >= 150);
    await a.stop(signal);
    expect(await atA.ended).toBe(signal === 'SIGTERM' ? 'complete' : 'cut');
    const atB = await beginEvents(b.url, key, { after: atA.events.at(-1)?.id });
    await waitFor('events at the second process', () => atB.events.length >= 150);
    isOver = true;
    const acknowledged = (await Promise.all(writing)).reduce((sum, count) => sum + count, 0);

    const recorded = await waitFor('everything to be told', async () => {
      if ((await reader.unnumberedEvent.count()) > 0) return null;
      const all = await reader.event.findMany({ where: { position: { gt: 1 } }, orderBy: { position: 'asc' } });
      return atB.events.at(-1)?.id === all.at(-1)?.id && all;
    });
    expect([...idsOf(atA.events), ...idsOf(atB.events)]).toEqual(idsOf(recorded));
    expect([...atA.errors, ...atB.errors]).toEqual([]);
    // What was acknowledged is among them; what a process was ended in the middle of may be.
    const updates = recorded.filter(({ type }) => type === 'user.updated').length;
    expect(updates).toBeGreaterThanOrEqual(acknowledged);
    expect(updates).toBeLessThanOrEqual(acknowledged + writers);
  },
);
