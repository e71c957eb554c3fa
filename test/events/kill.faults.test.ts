import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { CreateUser, UpdateUser } from '../support/documents.ts';
import { type KilledServers, startKilledServers } from '../support/killed-servers.ts';
import { expectPositionsWhole, expectVersionsRecorded } from '../support/recorded-versions.ts';
import { jsonHeaders, post } from '../support/server.ts';
import { openReader } from '../support/stored.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { waitFor } from '../support/wait.ts';

const rounds = 8;
const userCount = 8;

/** Updates a user again and again, at whichever server; answers how often that was acknowledged. */
async function keepUpdating({ anyUrl, key }: KilledServers, id: string, isOver: () => boolean): Promise<number> {
  let acknowledged = 0;
  for (let n = 1; !isOver(); n += 1) {
    const answer = await post(anyUrl(), key, String(UpdateUser), { id, input: { firstName: `${n}` } }).catch(
      () => null,
    );
    if (answer?.data) acknowledged += 1;
    else await sleep(20); // the server is gone, or PostgreSQL has not noticed yet that it is
  }
  return acknowledged;
}

interface Seen {
  readonly id: string;
}

/** Reads all events by REST, each page from whichever server, always on from the id of the last one. */
function follow({ anyUrl, key }: KilledServers) {
  const seen: Seen[] = [];
  async function readOn(): Promise<void> {
    const after = seen.at(-1)?.id;
    const query = `limit=100${after ? `&after=${after}` : ''}`;
    const response = await fetch(`${anyUrl()}/events?${query}`, { headers: jsonHeaders(key) }).catch(() => null);
    if (response?.ok) seen.push(...((await response.json()) as { data: Seen[] }).data);
  }
  return { seen, readOn };
}

test('kill -9 of servers in a stream of updates: every version has its event, in order, and who follows by the last id misses none', async () => {
  const { url, remove } = await createTestDatabase();
  onTestFinished(remove);
  const servers = await startKilledServers(url, { LOG_LEVEL: 'silent' });
  const ids: string[] = [];
  for (let i = 0; i < userCount; i += 1) {
    const { data } = await post(servers.anyUrl(), servers.key, String(CreateUser), {
      input: { email: `u${i}@example.com` },
    });
    ids.push((data as { createUser: { id: string } }).createUser.id);
  }
  let isOver = false;
  const updating = ids.map((id) => keepUpdating(servers, id, () => isOver));
  const { seen, readOn } = follow(servers);
  const following = (async () => {
    while (!isOver) await readOn();
  })();

  for (let round = 0; round < rounds; round += 1) {
    await sleep(randomInt(100, 1000));
    await servers.killOne();
  }
  const before = seen.length;
  await waitFor('events of after the last kill', () => seen.length > before);
  isOver = true;
  const acknowledged = await Promise.all(updating);
  await following;

  const reader = await openReader(url);
  await expectPositionsWhole(reader);
  for (const [i, id] of ids.entries()) {
    const { version } = await reader.user.findUniqueOrThrow({ where: { id } });
    expect(version).toBeGreaterThanOrEqual(1 + (acknowledged[i] as number));
    await expectVersionsRecorded(reader, id, version);
  }
  const all = await reader.event.findMany({ orderBy: { position: 'asc' }, select: { id: true } });
  await waitFor('the reader to arrive at the end', async () => {
    await readOn();
    return seen.length >= all.length;
  });
  expect(seen.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
  expect(all.length).toBeGreaterThan(userCount * rounds);
}, 240_000);
