// npm run bench [-- --users 100000 --rounds 3 --seconds 3 --only update --database sqlite]: Roster beside hand-written
// servers on the same data, in rounds, interleaved. Prints a table of medians and writes bench/results.md.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startPostgres } from '../test/support/postgresql.ts';
import { createDatabase, databaseUrl } from '../test/support/postgresql-databases.ts';
import { makeData, sumOfVersions } from './data.ts';
import { type Load, load, type Server, startRaw, startRoster, stop } from './server-process.ts';
import { fixed, quantile } from './statistics.ts';
import type { Workload } from './workloads.ts';

const { values: options } = parseArgs({
  options: {
    users: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    only: { type: 'string' },
    database: { type: 'string' },
  },
});
const users = Number(options.users);
const folder = mkdtempSync(join(tmpdir(), 'roster-bench-'));

interface Measure {
  readonly workload: Workload;
  readonly connections: number;
}
const measures: Measure[] = [
  { workload: 'update', connections: 32 },
  { workload: 'update', connections: 1 },
  { workload: 'rest-update', connections: 32 },
  { workload: 'email', connections: 32 },
  { workload: 'user', connections: 32 },
  { workload: 'page', connections: 32 },
].filter(({ workload }) => !options.only || workload === options.only) as Measure[];

/** The first server of a list is the one that the others are compared with. */
async function measure(database: string, servers: Server[]): Promise<string[]> {
  const rows: string[] = [];
  for (const { workload, connections } of measures) {
    const results = new Map<Server, Load[]>(servers.map((server) => [server, []]));
    const slice = Math.floor(users / (Number(options.rounds) + 1));
    for (let round = 0; round <= Number(options.rounds); round += 1) {
      for (const server of servers) {
        if (workload === 'rest-update' && server.key === 'none') continue;
        const changes = workload === 'update' || workload === 'rest-update' || workload === 'email';
        const before = changes ? await sumOfVersions(server.url) : 0;
        const start = workload === 'email' ? round * slice : round * 1e7 + 1;
        const result = await load(server, [options.seconds, connections, workload, users, start]);
        if (result.failures > 0) throw new Error(`${server.name} failed ${result.failures} times at ${workload}`);
        const happened = changes ? (await sumOfVersions(server.url)) - before : result.requests;
        if (happened < result.requests * 0.999)
          throw new Error(`${server.name}: ${happened} of ${result.requests} happened`);
        if (round > 0) results.get(server)?.push(result); // the first one is for the servers to warm up
      }
    }
    rows.push(...describe(database, workload, connections, results, servers));
  }
  return rows;
}

let reference: Load[] = [];

function describe(
  database: string,
  workload: Workload,
  connections: number,
  results: Map<Server, Load[]>,
  servers: Server[],
): string[] {
  const median = (loads: Load[], value: (load: Load) => number) => quantile(loads.map(value), 0.5);
  const first = results.get(servers[0] as Server) ?? [];
  if (first.length > 0) reference = first; // REST is compared with the raw GraphQL update before it
  return [...results].flatMap(([server, loads]) => {
    if (loads.length === 0) return [];
    const ratio = median(loads, (l) => l.perSecond) / median(reference, (l) => l.perSecond);
    const p99 = median(loads, (l) => l.p99) / median(reference, (l) => l.p99);
    const cells = [
      database,
      workload,
      connections,
      server.name,
      fixed(
        median(loads, (l) => l.perSecond),
        0,
      ),
      fixed(ratio, 2),
      fixed(
        median(loads, (l) => l.p50),
        2,
      ),
      fixed(
        median(loads, (l) => l.p99),
        2,
      ),
      fixed(p99, 1),
      fixed(
        median(loads, (l) => l.cpuMicroseconds),
        0,
      ),
      fixed(
        median(loads, (l) => l.memoryMiB),
        0,
      ),
    ];
    const row = `| ${cells.join(' | ')} |`;
    console.log(row);
    return [row];
  });
}

const head = [
  '| Database | Work | Connections | Server | Requests/s | Ratio | p50 ms | p99 ms | p99 ratio | CPU µs | MiB |',
  '|---|---|---|---|---|---|---|---|---|---|---|',
];
const rows: string[] = [];
console.log(head.join('\n'));

if (options.database !== 'postgresql') {
  const template = join(folder, 'template.db');
  await makeData(`file:${template}`, users);
  const copy = (name: string) => {
    copyFileSync(template, join(folder, `${name}.db`));
    return join(folder, `${name}.db`);
  };
  const raw = (name: string, synchronous: string) => {
    const file = copy(name.replaceAll(' ', '-'));
    return startRaw(name, 'bench/servers/raw-sqlite.ts', `file:${file}`, [file, synchronous]);
  };
  const roster = (name: string, synchronous: string) =>
    startRoster(name, `file:${copy(name.replaceAll(' ', '-'))}`, { SQLITE_SYNCHRONOUS: synchronous });
  const servers = [
    await raw('raw NORMAL', 'normal'),
    await raw('raw FULL', 'full'),
    await roster('Roster FULL', 'full'),
    await roster('Roster NORMAL', 'normal'),
  ];
  rows.push(...(await measure('SQLite', servers)));
  for (const server of servers) await stop(server);
}

if (options.database !== 'sqlite') {
  const postgres = await startPostgres([]);
  const url = (name: string) => databaseUrl(postgres.url('postgres'), name);
  await createDatabase(postgres.url('postgres'), 'template_users');
  await makeData(url('template_users'), users);
  for (const name of ['raw', 'roster']) await createDatabase(postgres.url('postgres'), name, 'template_users');
  const servers = [
    await startRaw('raw', 'bench/servers/raw-postgresql.ts', url('raw'), [url('raw')]),
    await startRoster('Roster', url('roster'), {}),
  ];
  rows.push(...(await measure('PostgreSQL', servers)));
  for (const server of servers) await stop(server);
  await postgres.stop();
}

const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}, ${users} users; the server on one core, the load on the other.`;
writeFileSync('bench/results.md', `${machine}\n\n${[...head, ...rows].join('\n')}\n`);
rmSync(folder, { recursive: true, force: true });
