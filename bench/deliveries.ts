import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from './data.ts';
import { ask, type Load, load, type Server, startOnLoadCore, startRoster, stop } from './server-process.ts';
import { quantile } from './statistics.ts';

/** So many endpoints share what is to be delivered; one more has its own. */
const endpointCount = 16;
/** Each makes one delivery to each endpoint, before anything is measured: more than can be delivered meanwhile. */
const updates = 30_000;
/** Of their own: what is enabled again is sent at full speed after a second or two, and longer rounds would find nothing left. */
const [rounds, seconds] = [2, 6];
const connections = 32;

/** Medians of the rounds. */
export interface Deliveries {
  readonly endpoints: number;
  /** Deliveries a second, while nothing else happens and while users are updated. */
  readonly alone: number;
  readonly beside: number;
  /** Updates a second beside the deliveries, of those of the same server while there are none. */
  readonly updates: number;
  readonly ratio: number;
}

const settings = { WEBHOOK_ALLOW_PRIVATE: 'true', LOG_LEVEL: 'error' };

/**
 * How many webhooks a second reach a receiver, a process of its own beside the load, and what that costs the updates. What is
 * delivered was caused by updates before; those that are measured cause none, so that they cost the same with deliveries and
 * without.
 */
export async function measureDeliveries({ url, users, key }: Store): Promise<Deliveries[]> {
  const receiver = await startOnLoadCore('bench/servers/receiver.ts');
  const silent = await startRoster('Roster', url, key, { ...settings, RUN_JOBS: 'false' });
  const endpoints = await makeEndpoints(silent, receiver.port);
  await loadUpdates(silent, { seconds: 1, users, atLeast: updates });
  for (const id of endpoints) await patch(silent, id, { events: ['user.deleted'], status: 'disabled' });
  await stop(silent);
  const server = await startRoster('Roster', url, key, settings);
  const [one, ...others] = endpoints as [string, ...string[]];
  const measured = [others, [one]].map((ids) => ({ ids, samples: [] as Omit<Deliveries, 'endpoints'>[] }));
  const count = async () => Number(await (await fetch(`http://127.0.0.1:${receiver.port}`)).text());
  for (let round = 0; round <= rounds; round += 1) {
    for (const { ids, samples } of measured) {
      const sample = await measureOnce({ server, ids, users, count });
      if (round > 0) samples.push(sample);
    }
  }
  await stop(server);
  receiver.child.kill();
  return measured.map(({ ids, samples }) => ({ endpoints: ids.length, ...medians(samples) }));
}

interface Once {
  readonly server: Server;
  readonly ids: readonly string[];
  readonly users: number;
  readonly count: () => Promise<number>;
}

async function measureOnce({ server, ids, users, count }: Once): Promise<Omit<Deliveries, 'endpoints'>> {
  const without = await loadUpdates(server, { seconds, users });
  for (const id of ids) await patch(server, id, { status: 'enabled' });
  const counted = async <T>(work: () => Promise<T>) => {
    const [before, startedAt] = [await count(), performance.now()];
    const result = await work();
    return { result, perSecond: (((await count()) - before) * 1000) / (performance.now() - startedAt) };
  };
  const alone = await counted(() => sleep(seconds * 1000));
  const beside = await counted(() => loadUpdates(server, { seconds, users }));
  for (const id of ids) await patch(server, id, { status: 'disabled' });
  await sleep(100); // what is being sent has ended
  if (alone.perSecond === 0 || beside.perSecond === 0) throw new Error('there was nothing left to deliver');
  const { perSecond } = beside.result;
  return {
    alone: alone.perSecond,
    beside: beside.perSecond,
    updates: perSecond,
    ratio: perSecond / without.perSecond,
  };
}

let names = 0;

/** Updates of two names, by as many connections as everywhere; for so long, and again until there were so many. */
async function loadUpdates(
  server: Server,
  { seconds, users, atLeast = 0 }: { seconds: number; users: number; atLeast?: number },
): Promise<Load> {
  let requests = 0;
  for (;;) {
    names += 1;
    const result = await load(server, [seconds, connections, 'update', users, names * 1e7 + 1]);
    if (result.failures > 0) throw new Error(`${result.failures} updates failed`);
    requests += result.requests;
    if (requests >= atLeast) return result;
  }
}

async function makeEndpoints(server: Server, port: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i <= endpointCount; i += 1) {
    const body = { endpoint_url: `http://127.0.0.1:${port}/${i}`, events: ['user.updated'] };
    ids.push((await ask<{ id: string }>(server, 'POST', '/webhook_endpoints', body)).id);
  }
  return ids;
}

async function patch(server: Server, id: string, change: object): Promise<void> {
  await ask(server, 'PATCH', `/webhook_endpoints/${id}`, change);
}

function medians(samples: readonly Omit<Deliveries, 'endpoints'>[]): Omit<Deliveries, 'endpoints'> {
  const of = (name: keyof Omit<Deliveries, 'endpoints'>) =>
    quantile(
      samples.map((sample) => sample[name]),
      0.5,
    );
  return { alone: of('alone'), beside: of('beside'), updates: of('updates'), ratio: of('ratio') };
}
