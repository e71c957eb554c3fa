import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/database.ts';
import { CreateUser, UpdateUser } from '../support/documents.ts';
import { type KilledServers, startKilledServers } from '../support/killed-servers.ts';
import { migrateByCommand } from '../support/migrate-by-command.ts';
import { startCluster } from '../support/postgresql-cluster.ts';
import { expectPositionsWhole, expectVersionsRecorded } from '../support/recorded-versions.ts';
import { jsonHeaders, post } from '../support/server.ts';
import { openReader } from '../support/stored.ts';
import { createTestDatabase, testProvider } from '../support/test-database.ts';
import { waitFor } from '../support/wait.ts';

const settings = { LOG_LEVEL: 'silent', WEBHOOK_ALLOW_PRIVATE: 'true' };
const userCount = 6;
const endpointCount = 3;

/**
 * What is killed, one after the other, each while deliveries are under way. What a server had taken waits for a minute until
 * another one may send it, so servers are killed less often.
 */
const victims = [
  ...(['receiver', 'receiver', 'server', 'receiver', 'receiver', 'server'] as const),
  ...(testProvider === 'postgresql' ? (['PostgreSQL', 'receiver', 'PostgreSQL'] as const) : []),
];

async function openDatabase(): Promise<{ url: string; crash(): Promise<void> }> {
  if (testProvider === 'sqlite') {
    const { url, remove } = await createTestDatabase();
    onTestFinished(remove);
    return { url, crash: async () => {} };
  }
  const cluster = await startCluster();
  onTestFinished(cluster.remove);
  const url = cluster.url('postgres');
  await migrateByCommand(url);
  return { url, crash: () => cluster.restart('immediate') };
}

interface Received {
  readonly path: string;
  readonly id: string;
  readonly body: string;
}

/** A process that is killed, and started again on the same port. */
async function startReceivers() {
  const file = join(temporaryFolder(), 'received');
  let child: ChildProcess;
  const start = async (port: number): Promise<number> => {
    const args = ['--import', 'tsx', 'test/support/receiver-process.ts', String(port), file];
    const started = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    child = started;
    return Number(String((await once(started.stdout, 'data'))[0]));
  };
  const port = await start(0);
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    port,
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
      await start(port);
    },
    received: (): Received[] =>
      existsSync(file)
        ? readFileSync(file, 'utf8')
            .split('\n')
            .filter(Boolean)
            .map((line) => JSON.parse(line))
        : [],
  };
}

async function makeEndpoints({ anyUrl, key }: KilledServers, port: number): Promise<void> {
  for (let i = 0; i < endpointCount; i += 1) {
    const body = JSON.stringify({
      endpoint_url: `http://127.0.0.1:${port}/${i}`,
      events: ['user.created', 'user.updated'],
    });
    const answer = await fetch(`${anyUrl()}/webhook_endpoints`, { method: 'POST', headers: jsonHeaders(key), body });
    expect(answer.status).toBe(201);
  }
}

async function makeUsers({ anyUrl, key }: KilledServers): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < userCount; i += 1) {
    const input = { email: `u${i}@example.com` };
    const { data } = await post(anyUrl(), key, String(CreateUser), { input });
    ids.push((data as { createUser: { id: string } }).createUser.id);
  }
  return ids;
}

/** Updates a user again and again, at whichever server; answers how often that was acknowledged. */
async function keepUpdating({ anyUrl, key }: KilledServers, id: string, isOver: () => boolean): Promise<number> {
  let acknowledged = 0;
  for (let n = 1; !isOver(); n += 1) {
    const variables = { id, input: { firstName: `${n}` } };
    const answer = await post(anyUrl(), key, String(UpdateUser), variables).catch(() => null);
    if (answer?.data) acknowledged += 1;
    await sleep(100);
  }
  return acknowledged;
}

/** What was refused twice waits for minutes: an operator who has mended the receiver has it sent at once. */
async function retryLater(
  { anyUrl, key }: KilledServers,
  reader: Awaited<ReturnType<typeof openReader>>,
): Promise<void> {
  const where = { state: 'pending', dueAt: { gt: new Date(Date.now() + 10_000) } };
  for (const { id } of await reader.webhookDelivery.findMany({ where, select: { id: true } })) {
    await post(anyUrl(), key, 'mutation ($id: ID!) { retryWebhookDelivery(id: $id) { id } }', { id });
  }
}

test('kill -9 of servers and of the receiver, and crashes of PostgreSQL, in a stream of updates: every event reaches every endpoint', async () => {
  const database = await openDatabase();
  const [servers, receiver] = [await startKilledServers(database.url, settings), await startReceivers()];
  await makeEndpoints(servers, receiver.port);
  const ids = await makeUsers(servers);
  let isOver = false;
  const updating = ids.map((id) => keepUpdating(servers, id, () => isOver));
  for (const victim of victims) {
    const before = receiver.received().length;
    await waitFor('deliveries under way', () => receiver.received().length > before, 90_000);
    await sleep(randomInt(0, 300));
    if (victim === 'server') await servers.killOne();
    else if (victim === 'receiver') await receiver.kill();
    else await database.crash();
  }
  isOver = true;
  const acknowledged = await Promise.all(updating);

  const reader = await openReader(database.url);
  await expectPositionsWhole(reader);
  for (const [i, id] of ids.entries()) {
    const { version } = await reader.user.findUniqueOrThrow({ where: { id } });
    expect(version).toBeGreaterThanOrEqual(1 + (acknowledged[i] as number));
    await expectVersionsRecorded(reader, id, version);
  }
  await waitFor(
    'all to be delivered',
    async () => {
      await retryLater(servers, reader);
      return (await reader.webhookDelivery.count({ where: { state: { not: 'delivered' } } })) === 0;
    },
    150_000,
  );

  const types = { in: ['user.created', 'user.updated'] };
  const events = await reader.event.findMany({ where: { type: types }, orderBy: { position: 'asc' } });
  const received = receiver.received();
  for (let i = 0; i < endpointCount; i += 1) {
    const bodies = new Map(received.filter(({ path }) => path === `/${i}`).map(({ id, body }) => [id, body]));
    expect([...bodies.keys()].sort()).toEqual(events.map(({ id }) => id).sort());
    for (const userId of ids) {
      const ofUser = events.filter((event) => event.userId === userId);
      // As a receiver sorts them that has no positions.
      const moments = ofUser.map(({ id }) => JSON.parse(bodies.get(id) as string).data.updated_at as string);
      expect(moments).toEqual([...moments].sort());
      expect(ofUser.map(({ id }) => bodies.get(id))).toEqual(ofUser.map(({ body }) => body));
    }
  }
  expect(received.length).toBeGreaterThanOrEqual(events.length * endpointCount);
  expect(events.length).toBeGreaterThan(userCount * victims.length);
}, 420_000);
