import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { makingDeliveries, makingEvents } from '../scripts/many-events.ts';
import { providerOf } from '../src/config/database-url.ts';
import type { DatabaseClient } from '../src/db/database.ts';
import { describeBacklog, isWaiting } from './backlog-state.ts';
import { makeData, openClient } from './data.ts';
import { ask, memoryMiB, type Server, startRoster, stop } from './server-process.ts';

/** So many endpoints share what waits; one more is disabled meanwhile. */
const endpointCount = 32;
/** What goes first, so that the process has loaded and compiled all that it needs. */
const smallShare = 0.1;

/** With as much as Node.js takes by itself, garbage lies about until there are hundreds of MiB of it, whatever is held. */
const heapMiB = 128;

export interface Drained {
  readonly deliveries: number;
  readonly perSecond: number;
  /** The most that the process of the server took, in MiB: while a tenth was drained, all of it, and what was replayed. */
  readonly small: number;
  readonly large: number;
  readonly replay: number;
  /** Deliveries that never came, and such as came again. */
  readonly missing: number;
  readonly repeated: number;
}

/** Has a server of its own deliver so many events that wait, and then replay those that an endpoint missed while it was disabled. */
export async function drainBacklog(url: string, deliveries: number): Promise<Drained> {
  const { key } = await makeData(url, 1);
  const [client, receiver] = [await openClient(url), await startReceiver()];
  const settings = {
    WEBHOOK_ALLOW_PRIVATE: 'true',
    LOG_LEVEL: 'error',
    NODE_OPTIONS: `--max-old-space-size=${heapMiB}`,
  };
  const server = await startRoster('Roster', url, key, settings);
  try {
    const late = await makeEndpoints(server, receiver.port);
    const events = Math.ceil(deliveries / endpointCount);
    const first = Math.ceil(events * smallShare);
    const small = await drain({ url, client, server, receiver, after: 0, events: first });
    const large = await drain({ url, client, server, receiver, after: first, events: events - first });
    const replay = await replayTo(late, { client, server, receiver, events });
    const wanted = events * (endpointCount + 1) - 1; // a replay begins behind an event
    return {
      deliveries: events * endpointCount,
      perSecond: large.perSecond,
      small: small.memory,
      large: large.memory,
      replay: replay.memory,
      missing: wanted - receiver.count(),
      repeated: receiver.repeated(),
    };
  } finally {
    await stop(server);
    await client.$disconnect();
    receiver.close();
  }
}

interface Draining {
  readonly url: string;
  readonly client: DatabaseClient;
  readonly server: Server;
  readonly receiver: Receiver;
  readonly after: number;
  readonly events: number;
}

async function drain({ url, client, server, receiver, after, events }: Draining) {
  const provider = providerOf(url);
  const many = { events, users: events, start: new Date(Date.now() - after - events), after };
  for (const statement of makingEvents(provider, many)) await client.$executeRawUnsafe(statement);
  await client.$executeRawUnsafe(makingDeliveries(provider, after));
  if (provider === 'postgresql') await client.$executeRaw`ANALYZE events, webhook_deliveries`;
  // The server has begun already: whatever came meanwhile is part of what is wanted.
  const [before, startedAt] = [receiver.count(), performance.now()];
  const wanted = (after + events) * endpointCount;
  const memory = await highestUntilDrained(server, client, () => wanted - receiver.count());
  return { memory, perSecond: ((wanted - before) * 1000) / (performance.now() - startedAt) };
}

/** Enables the endpoint that has missed everything, and has all sent to it again. */
async function replayTo(id: string, { client, server, receiver, events }: Omit<Draining, 'url' | 'after'>) {
  const wanted = receiver.count() + events - 1;
  await ask(server, 'PATCH', `/webhook_endpoints/${id}`, { status: 'enabled' });
  const [first] = await client.event.findMany({ orderBy: { position: 'asc' }, take: 1, select: { id: true } });
  const query =
    'mutation ($id: ID!, $after: ID!) { replayWebhookEvents(endpointId: $id, after: $after) { isComplete } }';
  await ask(server, 'POST', '/graphql', { query, variables: { id, after: first?.id } });
  return { memory: await highestUntilDrained(server, client, () => wanted - receiver.count()) };
}

const lookMs = 100;
/** Many deliveries are under way all the time, so looking for one that waits need not be done each time. */
const looksPerQuery = 50;
const looksPerReport = 600;

/**
 * The most memory that the server takes until nothing waits any more, in MiB. Ends then, too, where less has come than was wanted.
 * Whenever nothing comes for a minute of looks, says what it waits for.
 */
async function highestUntilDrained(server: Server, client: DatabaseClient, missing: () => number): Promise<number> {
  let highest = 0;
  let latest = { missing: missing(), look: 0 };
  for (let look = 1; ; look += 1) {
    highest = Math.max(highest, memoryMiB(server));
    await sleep(lookMs);
    if ((missing() <= 0 || look % looksPerQuery === 0) && !(await isWaiting(client))) return highest;
    if (missing() < latest.missing) latest = { missing: missing(), look };
    if (look - latest.look < looksPerReport) continue;
    console.error(`nothing comes; ${missing()} deliveries are missing\n${await describeBacklog(client)}`);
    latest.look = look;
  }
}

/** Endpoints for what is recorded, and the id of the one that is disabled. */
async function makeEndpoints(server: Server, port: number): Promise<string> {
  const events = ['user.created', 'user.updated', 'user.deleted', 'session.created'];
  const ids: string[] = [];
  for (let i = 0; i <= endpointCount; i += 1) {
    const endpoint_url = `http://127.0.0.1:${port}/${i}`;
    ids.push((await ask<{ id: string }>(server, 'POST', '/webhook_endpoints', { endpoint_url, events })).id);
  }
  const late = ids.at(-1) as string;
  await ask(server, 'PATCH', `/webhook_endpoints/${late}`, { status: 'disabled' });
  return late;
}

interface Receiver {
  readonly port: number;
  /** How many different ones came, for each endpoint, and how many came again. */
  count(): number;
  repeated(): number;
  close(): void;
}

async function startReceiver(): Promise<Receiver> {
  const seen = new Map<string, Set<string>>();
  let repeated = 0;
  const server = createServer((request, response) => {
    const [path, id] = [request.url ?? '', String(request.headers['webhook-id'])];
    const ids = seen.get(path) ?? new Set();
    seen.set(path, ids);
    if (ids.has(id)) repeated += 1;
    ids.add(id);
    request.resume().once('end', () => response.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    count: () => [...seen.values()].reduce((sum, { size }) => sum + size, 0),
    repeated: () => repeated,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
