import { randomInt, randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { createDroppingClient, type DroppingClient, type HeardAnswer, type Sent } from '../support/dropping-client.ts';
import { startKilledServers } from '../support/killed-servers.ts';
import { expectPositionsWhole, expectVersionsRecorded } from '../support/recorded-versions.ts';
import { openReader } from '../support/stored.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { waitFor } from '../support/wait.ts';

const [users, updatesEach] = [40, 75];
const creations = 1000;
/** Each of the first so many that are created is deleted. */
const deletions = 1000;
const workers = 16;

const update =
  'mutation ($id: ID!, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { id firstName version updatedAt } }';

/** What was asked, and what was heard. */
interface Entry {
  readonly sent: Sent;
  readonly answer: HeardAnswer;
}

function createTasks(client: DroppingClient, entries: Entry[]) {
  async function carryOut(sent: Omit<Sent, 'key'>, status: number): Promise<string> {
    const keyed = { ...sent, key: randomUUID() };
    const answer = await client.until(keyed);
    entries.push({ sent: keyed, answer });
    expect(answer.status, answer.text).toBe(status);
    return answer.text;
  }

  return {
    async create(i: number): Promise<string> {
      const body = { email: `c${i}@example.com`, first_name: `${i}` };
      const text = await carryOut({ method: 'POST', path: '/user_management/users', body }, 201);
      return JSON.parse(text).id;
    },
    async createAndDelete(i: number): Promise<void> {
      const id = await this.create(i);
      if (i < deletions) await carryOut({ method: 'DELETE', path: `/user_management/users/${id}` }, 204);
    },
    /** The n-th of a user makes version n + 1, and no other. */
    async update(id: string): Promise<void> {
      for (let n = 1; n <= updatesEach; n += 1) {
        const input = { firstName: `${n}`, metadata: { n: `${n}` } };
        const body = { query: update, variables: { id, input } };
        const { data } = JSON.parse(await carryOut({ method: 'POST', path: '/graphql', body }, 200));
        expect(data?.updateUser).toMatchObject({ firstName: `${n}`, version: n + 1 });
      }
    },
  };
}

test('a client that drops connections and repeats, servers that are killed: each effect once, and each answer the same', async () => {
  const { url, remove } = await createTestDatabase();
  onTestFinished(remove);
  const servers = await startKilledServers(url, { LOG_LEVEL: 'error' });
  const client = createDroppingClient(servers.anyUrl, servers.key);
  const entries: Entry[] = [];
  const tasks = createTasks(client, entries);
  const ids: string[] = [];
  for (let i = 0; i < users; i += 1) ids.push(await tasks.create(creations + i));

  const open = [
    ...ids.map((id) => () => tasks.update(id)),
    ...Array.from({ length: creations }, (_, i) => () => tasks.createAndDelete(i)),
  ];
  let isOver = false;
  const killing = (async () => {
    for (let kills = 0; ; kills += 1) {
      const next = entries.length + randomInt(200, 500); // by what is done, and not by the clock: a fast machine is soon through
      await waitFor('more to be answered', () => isOver || entries.length >= next, 120_000);
      if (isOver) return kills;
      await servers.killOne();
    }
  })();
  const work = async () => {
    for (let task = open.shift(); task; task = open.shift()) await task();
  };
  try {
    await Promise.all(Array.from({ length: workers }, work));
  } finally {
    isOver = true;
  }
  expect(await killing).toBeGreaterThan(2);
  expect(entries).toHaveLength(users + users * updatesEach + creations + deletions);
  expect(client.dropped).toBeGreaterThan(500);
  expect(servers.output()).not.toMatch(/"level":50/);

  const reader = await openReader(url);
  expect(await reader.user.count()).toBe(users + creations - deletions);
  for (const id of ids) {
    const { version, firstName } = await reader.user.findUniqueOrThrow({ where: { id } });
    expect([version, firstName]).toEqual([1 + updatesEach, `${updatesEach}`]);
    await expectVersionsRecorded(reader, id, version);
  }
  await expectPositionsWhole(reader);
  expect(await reader.idempotentRequest.count()).toBe(entries.length);
  const replayed = entries.filter(({ answer }) => answer.replayed).length;
  expect(replayed).toBeGreaterThan(50); // were carried out, and not heard of
  for (let i = 0; i < 500; i += 1) {
    const { sent, answer } = entries[randomInt(entries.length)] as Entry;
    expect(await client.once(sent)).toEqual({ ...answer, replayed: true });
  }
}, 240_000);
