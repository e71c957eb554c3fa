import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase, databaseUrl } from '../scripts/postgresql-databases.ts';
import { startPostgres } from '../scripts/postgresql-server.ts';
import { drainBacklog } from './backlog.ts';

const postgres = await startPostgres();
await createDatabase(postgres.url('postgres'), 'b');
const find = () =>
  readdirSync('/proc')
    .filter((p) => /^\d+$/.test(p))
    .find((p) => {
      try {
        return (
          readFileSync(`/proc/${p}/cmdline`, 'utf8').includes('main.js\0serve') &&
          Number(/PPid:\s+(\d+)/.exec(readFileSync(`/proc/${p}/status`, 'utf8'))?.[1]) === process.pid
        );
      } catch {
        return false;
      }
    });
const stopping = (async () => {
  await sleep(12000);
  for (let i = 0; i < 3; i += 1) {
    const pid = Number(find());
    if (!pid) return;
    process.kill(pid, 'SIGSTOP');
    await sleep(Number(process.env.STOP_MS));
    process.kill(pid, 'SIGCONT');
    await sleep(1500);
  }
})().catch((e) => console.log('stopping', e.message));
const t0 = Date.now();
const r = await Promise.race([
  drainBacklog(databaseUrl(postgres.url('postgres'), 'b'), 100000),
  sleep(240000).then(() => 'did not end in 240 s'),
]);
console.log(
  process.env.STOP_MS,
  Math.round((Date.now() - t0) / 1000),
  's',
  typeof r === 'string' ? r : JSON.stringify({ missing: r.missing, repeated: r.repeated }),
);
await stopping;
await postgres.stop();
process.exit(0);
