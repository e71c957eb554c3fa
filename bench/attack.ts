// npm run bench:attack [-- --seconds 60 --url postgresql://…]: everything that once stopped Roster, at once: pages of GraphiQL,
// silent readers, documents made to fill caches, garbage and valid credentials, and costly hashes, while a backend updates
// users. The server has one core, as in production, with GraphiQL; the load has the other. Prints what each part sent and got,
// how long the updates took and what memory the server had, writes both to the section of the database in bench/attack.md, and fails when a goal is missed or
// a part did nothing. `--url` names an empty database of PostgreSQL; without, it is a new SQLite file.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { providerOf } from '../src/config/database-url.ts';
import type { Outcome } from './attack/parts.ts';
import { describeAttack, describeGoals, type Measured } from './attack/report.ts';
import { prepareTarget } from './attack/target.ts';
import { makeData } from './data.ts';
import { memoryMiB, runOnLoadCore, type Server, startRoster, stop } from './server-process.ts';

const { values: options } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, url: { type: 'string' } },
});
const seconds = Number(options.seconds);
const users = 10_000;
const loadBefore = loadavg()[0]?.toFixed(1);
const folder = mkdtempSync(join(tmpdir(), 'roster-attack-'));

const { url, key } = await makeData(options.url ?? `file:${join(folder, 'roster.db')}`, users);
/** As docs/operating.md says, but with GraphiQL, without which pages cost nothing. */
const settings = {
  GRAPHIQL: 'true',
  LOG_LEVEL: 'info',
  NODE_OPTIONS: '--max-old-space-size=288 --max-semi-space-size=4',
  MALLOC_MMAP_THRESHOLD_: '1048576',
  MALLOC_ARENA_MAX: '2',
};
const server = await startRoster('Roster', url, key, settings);
const target = await prepareTarget(server);

type Updates = Pick<Measured, 'latencies' | 'answers'>;
const update = (forSeconds: number) =>
  runOnLoadCore<Updates>('bench/attack/bystander.ts', [server.port, key, forSeconds, users]);

const quiet = await update(Math.ceil(seconds / 10));
const memory: number[] = [];
const sampling = setInterval(() => memory.push(memoryMiB(server)), 1000);
const [outcomes, updates] = await Promise.all([
  runOnLoadCore<Outcome[]>('bench/attack/attackers.ts', [JSON.stringify(target), seconds]),
  update(seconds),
]);
clearInterval(sampling);
const measured = {
  quiet,
  ...updates,
  outcomes,
  memory,
  peakMiB: peakMiB(server),
  isAlive: server.child.exitCode === null,
};
await stop(server);
rmSync(folder, { recursive: true, force: true });

const goals = describeGoals(measured);
const machine = `${providerOf(url)}, ${seconds} s, ${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}; load average before: ${loadBefore}.`;
const text = [machine, '', ...describeAttack(measured), '', ...goals.lines].join('\n');
console.log(text);
writeSection(providerOf(url), text);
process.exitCode = goals.areReached ? 0 : 1;

/** What was measured on the other database stays. */
function writeSection(provider: string, section: string): void {
  const file = 'bench/attack.md';
  const others = readFileSync(file, 'utf8')
    .split(/^(?=## )/m)
    .filter((text) => text.startsWith('## ') && !text.startsWith(`## ${provider}\n`));
  const sections = [...others.map((text) => text.trimEnd()), `## ${provider}\n\n${section}`];
  writeFileSync(file, `${sections.sort().reverse().join('\n\n')}\n`);
}

/** The most that it ever had, also between two samples. */
function peakMiB({ child }: Server): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;
}
