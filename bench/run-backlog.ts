// BACKLOG_DELIVERIES=1000000 npm run bench:backlog: how fast so many deliveries that wait are made to 32 endpoints of a local
// receiver, and how much memory the server takes meanwhile, beside what it takes for a tenth of them first; then an endpoint
// that was disabled has all of it sent again. On SQLite and PostgreSQL.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, databaseUrl } from '../scripts/postgresql-databases.ts';
import { startPostgres } from '../scripts/postgresql-server.ts';
import { drainBacklog } from './backlog.ts';
import { fixed } from './statistics.ts';

const deliveries = Number(process.env.BACKLOG_DELIVERIES ?? 1_000_000);

async function run(database: string, url: string): Promise<void> {
  const drained = await drainBacklog(url, deliveries);
  const memory = [drained.small, drained.large, drained.replay].map((mebibytes) => fixed(mebibytes, 0));
  const counts = [drained.deliveries, fixed(drained.perSecond, 0), ...memory, drained.missing, drained.repeated];
  console.log(`| ${[database, ...counts].join(' | ')} |`);
}

console.log('| Database | Deliveries | A second | MiB, a tenth | MiB, all | MiB, replay | Missing | Repeated |');
console.log('|---|---|---|---|---|---|---|---|');
const folder = mkdtempSync(join(tmpdir(), 'roster-backlog-'));
await run('SQLite', `file:${join(folder, 'roster.db')}`);
rmSync(folder, { recursive: true, force: true });
const postgres = await startPostgres({ isDurable: true });
await createDatabase(postgres.url('postgres'), 'backlog');
await run('PostgreSQL', databaseUrl(postgres.url('postgres'), 'backlog'));
await postgres.stop();
