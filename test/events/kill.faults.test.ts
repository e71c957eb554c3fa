import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { CreateUser, UpdateUser } from '../support/documents.ts';
import { expectPositionsWhole, expectVersionsRecorded } from '../support/recorded-versions.ts';
import { jsonHeaders, post, type ServerProcess, startServerProcess } from '../support/server.ts';
import { openReader } from '../support/stored.ts';
import { createTestDatabase, testProvider } from '../support/test-database.ts';
import { waitFor } from '../support/wait.ts';

const rounds = 8;
const userCount = 8;

/** Servers over one database, of which one or the other is killed and started again. */
async function startServers(count: number) {
  const database = await createTestDatabase();
  const start = () => startServerProcess({ DATABASE_URL: database.url, DATABASE_POOL_SIZE: '5', LOG_LEVEL: 'silent' });
  const servers = [await start()];
  const { key } = servers[0] as ServerProcess;
  while (servers.length < count) servers.push(await start());
  onTestFinished(async () => {
    await Promise.all(servers.map((server) => server.dispose()));
    await database.remove();
  });
  return {
    key,
    databaseUrl: database.url,
    any: () => servers[randomInt(servers.length)] as ServerProcess,
    async killOne() {
      const at = randomInt(servers.length);
      await servers[at]?.dispose();
      servers[at] = await start();
    },
  };
}

type Servers = Awaited<ReturnType<typeof startServers>>;

/** Updates a user again and again, at whichever server; answers how often that was acknowledged. */
async function keepUpdating({ any, key }: Servers, id: string, isOver: () => boolean): Promise<number> {
  let acknowledged = 0;
  for (let n = 1; !isOver(); n += 1) {
    const answer = await post(any().url, key, String(UpdateUser), { id, input: { firstName: `${n}` } }).catch(
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
function follow({ any, key }: Servers) {
  const seen: Seen[] = [];
  async function readOn(): Promise<void> {
    const after = seen.at(-1)?.id;
    const query = `limit=100${after ? `&after=${after}` : ''}`;
    const response = await fetch(`${any().url}/events?${query}`, { headers: jsonHeaders(key) }).catch(() => null);
    if (response?.ok) seen.push(...((await response.json()) as { data: Seen[] }).data);
  }
  return { seen, readOn };
}

test('kill -9 of servers in a stream of updates: every version has its event, in order, and who follows by the last id misses none', async () => {
  const servers = await startServers(testProvider === 'postgresql' ? 2 : 1);
  const ids: string[] = [];
  for (let i = 0; i < userCount; i += 1) {
    const { data } = await post(servers.any().url, servers.key, String(CreateUser), {
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

  const reader = await openReader(servers.databaseUrl);
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
