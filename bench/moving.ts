// npm run bench:moving [-- --users 1000000 --only sqlite --seconds 10]: how fast users with bcrypt hashes are imported, beside
// a bulk insert of the same rows that is written by hand, before and after it; how fast they are exported; and what an import
// does to the updates of a server. Writes what it measured into bench/moving.md, where the rows of other sizes stay.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createDatabase, databaseUrl } from '../scripts/postgresql-databases.ts';
import { startPostgres } from '../scripts/postgresql-server.ts';
import { migrate } from '../src/db/migrate.ts';
import { type Beside, measureBeside } from './moving/beside.ts';
import { rateBetween, runScript, type Sample, startCommand, untilFinished } from './moving/commands.ts';
import { writeUsers } from './moving/made-up-users.ts';
import { describeRows, type Moved, mergeRows } from './moving/report.ts';

const { values: options } = parseArgs({
  options: {
    users: { type: 'string', default: '200000' },
    only: { type: 'string' },
    seconds: { type: 'string', default: '10' },
    batch: { type: 'string', default: '8000' },
  },
});
const users = Number(options.users);
const folder = mkdtempSync(join(tmpdir(), 'roster-moving-'));
const file = join(folder, 'users.jsonl');

/** `newUrl` makes an empty database. */
async function measure(database: string, newUrl: () => Promise<string>): Promise<Moved> {
  const newStore = async () => {
    const url = await newUrl();
    await migrate({ url, synchronous: 'normal', busyTimeoutMs: 5000 });
    return url;
  };
  const bulk = async () => {
    const args = [await newStore(), users, options.batch];
    const script = 'bench/moving/bulk-insert.ts';
    const { seconds, samples } = await runScript<{ seconds: number; samples: Sample[] }>(script, args);
    return { rate: users / seconds, first: rateBetween(samples, 0, 0.25), last: rateBetween(samples, 0.75, 1) };
  };
  const before = await bulk();
  const url = await newStore();
  const imported = await untilFinished(startCommand(url, ['import', file]), url);
  const after = await bulk();
  const output = join(folder, 'export.jsonl');
  const exported = await untilFinished(startCommand(url, ['export', '--output', output]), url);
  if (statSync(output).size < users * 100) throw new Error('the export is too short');
  const beside: Beside | null =
    Number(options.seconds) > 0 ? await measureBeside(await newUrl(), file, Number(options.seconds)) : null;
  return {
    database,
    users,
    imported: users / imported.seconds,
    bulk: (before.rate + after.rate) / 2,
    bulkFirstQuarter: (before.first + after.first) / 2,
    bulkLastQuarter: (before.last + after.last) / 2,
    firstQuarter: rateBetween(imported.samples, 0, 0.25),
    lastQuarter: rateBetween(imported.samples, 0.75, 1),
    peakMiB: imported.peakMiB,
    exported: users / exported.seconds,
    exportPeakMiB: exported.peakMiB,
    beside,
  };
}

const measured: Moved[] = [];
try {
  await writeUsers(file, users);
  if (options.only !== 'postgresql') {
    let files = 0;
    measured.push(await measure('SQLite', async () => `file:${join(folder, `${++files}.db`)}`));
  }
  if (options.only !== 'sqlite') {
    const postgres = await startPostgres({ isDurable: true });
    let databases = 0;
    const newUrl = async () => {
      const name = `moving_${++databases}`;
      await createDatabase(postgres.url('postgres'), name);
      return databaseUrl(postgres.url('postgres'), name);
    };
    measured.push(await measure('PostgreSQL', newUrl));
    await postgres.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(describeRows(measured));
const machine = `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`;
writeFileSync('bench/moving.md', mergeRows(readFileSync('bench/moving.md', 'utf8'), measured, machine));
