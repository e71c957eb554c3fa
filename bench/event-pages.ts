import { makingEvents, userOfMany } from '../scripts/many-events.ts';
import { readConfig } from '../src/config/config.ts';
import { providerOf } from '../src/config/database-url.ts';
import { type Database, openDatabase } from '../src/db/database.ts';
import { databaseOptions } from '../src/db/database-options.ts';
import { migrate } from '../src/db/migrate.ts';
import { type EventFilter, listEvents } from '../src/events/list.ts';
import { openClient } from './data.ts';
import { toLine } from './goals.ts';
import { fixed, quantile } from './statistics.ts';

const pageSize = 100;
/** Every user has so many events, however many there are. */
const eventsPerUser = 200;
const rounds = 20;
const readsPerRound = 25;
/** Of a large store, rows that lie apart are read from the file, and not out of the connection's cache; a scan takes a hundred times as long. */
const maxRatio = 1.5;

interface Store {
  readonly events: number;
  readonly db: Database;
  /** The id of the event at each of some positions, drawn at random. */
  readonly cursors: readonly string[];
  readonly lastCursors: readonly string[];
}

/** Milliseconds that a page takes at the median, and in the slowest of a hundred, by what it is a page of; for each size. */
export interface EventPages {
  readonly database: string;
  readonly sizes: readonly number[];
  readonly pages: readonly { readonly of: string; readonly p50: readonly number[]; readonly p99: readonly number[] }[];
}

interface Asked {
  readonly filter?: EventFilter;
  readonly order?: 'asc' | 'desc';
  readonly after?: string | undefined;
}

const anyOf = <T>(values: readonly T[]) => values[Math.floor(Math.random() * values.length)] as T;

/** Pages at random places, so that each is not what was read just before. */
const pages: Record<string, (store: Store) => Asked> = {
  'the first': () => ({}),
  'in the middle': ({ cursors }) => ({ after: anyOf(cursors) }),
  'the last': ({ lastCursors }) => ({ after: anyOf(lastCursors) }),
  'of a type': ({ cursors }) => ({ after: anyOf(cursors), filter: { types: ['user.created'] } }),
  'of a type that has not happened for long': () => ({ order: 'desc', filter: { types: ['session.created'] } }),
  'of a user': ({ events }) => ({
    order: 'desc',
    filter: { userId: userOfMany(Math.floor((Math.random() * events) / eventsPerUser)) },
  }),
};

/** Reads pages of stores with so many events, one read of each after the other, in rounds, after one to warm up. */
export async function measureEventPages(
  database: string,
  newUrl: () => Promise<string>,
  sizes: readonly number[],
): Promise<EventPages> {
  const stores: Store[] = [];
  for (const events of sizes) stores.push(await makeStore(await newUrl(), events));
  const measured = [];
  for (const [of, asked] of Object.entries(pages)) {
    const times = stores.map(() => [] as number[]);
    for (let round = 0; round <= rounds; round += 1) {
      for (const [i, store] of stores.entries()) {
        const taken = await timeReads(store, asked);
        if (round > 0) times[i]?.push(...taken);
      }
    }
    const at = (share: number) => times.map((samples) => quantile(samples, share));
    measured.push({ of, p50: at(0.5), p99: at(0.99) });
  }
  for (const { db } of stores) await db.close();
  return { database, sizes, pages: measured };
}

async function timeReads(store: Store, asked: (store: Store) => Asked): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < readsPerRound; i += 1) {
    const page = { filter: {}, order: 'asc', fromEnd: false, limit: pageSize, ...asked(store) } as const;
    const startedAt = performance.now();
    const { events } = await listEvents(store.db.eventReads, page);
    times.push(performance.now() - startedAt);
    if (events.length < pageSize) throw new Error(`a page has ${events.length} events`);
  }
  return times;
}

async function makeStore(url: string, events: number): Promise<Store> {
  await migrate({ url, synchronous: 'normal', busyTimeoutMs: 5000 });
  const client = await openClient(url);
  const made = { events, users: events / eventsPerUser, start: new Date(Date.now() - events) };
  for (const statement of makingEvents(providerOf(url), made)) await client.$executeRawUnsafe(statement);
  if (providerOf(url) === 'postgresql') await client.$executeRaw`VACUUM ANALYZE`;
  await client.$disconnect();
  const db = await openDatabase(databaseOptions(readConfig({ DATABASE_URL: url })));
  const idsAt = async (positions: number[]) => {
    const found = positions.map((from) => db.eventReads.list({ from: Math.floor(from), order: 'asc', limit: 1 }));
    return (await Promise.all(found)).flat().map(({ id }) => id);
  };
  const draws = Array.from({ length: 200 }, () => Math.random());
  const cursors = await idsAt(draws.map((draw) => events * (0.25 + draw / 2)));
  return { events, db, cursors, lastCursors: await idsAt(draws.map((draw) => events - pageSize * (1 + 5 * draw))) };
}

export const eventPagesHead = [
  '| Database | A page of 100 events | Events | p50 ms | p99 ms | p50, of that of the fewest |',
  '|---|---|---|---|---|---|',
];

export function describeEventPages({ database, sizes, pages: measured }: EventPages): string[] {
  return measured.flatMap(({ of, p50, p99 }) =>
    sizes.map((events, i) => {
      const [middle, slow] = [p50[i] as number, p99[i] as number];
      const figures = [fixed(middle, 2), fixed(slow, 2), fixed(middle / (p50[0] as number), 2)];
      return `| ${[database, of, events, ...figures].join(' | ')} |`;
    }),
  );
}

export function judgeEventPages({ database, sizes, pages: measured }: EventPages): string[] {
  const [least, most] = [sizes[0], sizes.at(-1)];
  if (sizes.length < 2) return [];
  return measured.map(({ of, p50 }) => {
    const ratio = (p50.at(-1) as number) / (p50[0] as number);
    const goal = `100 events, ${of}, of ${most} to ${least}`;
    return toLine(database, goal, 'Roster', `≤ ${fixed(maxRatio, 2)} ×`, fixed(ratio, 2), ratio <= maxRatio);
  });
}
