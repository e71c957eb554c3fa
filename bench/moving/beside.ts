import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeData } from '../data.ts';
import { load, startRoster, stop } from '../server-process.ts';
import { openStore, recordsDone, startCommand } from './commands.ts';

/** Users that are there before, and are updated. */
const users = 20_000;
const connections = 32;

/** Updates a second of a server, and what an import does to them. */
export interface Beside {
  readonly alone: number;
  readonly during: number;
  /** Users a second of the import meanwhile. */
  readonly imported: number;
  /** The slowest hundredth of the updates, in milliseconds. */
  readonly p99: { readonly alone: number; readonly during: number };
}

/**
 * Updates of two names on a server, before, during and after an import of this file, which must have more users than are imported
 * meanwhile. The server has one core, the load the other, and the import takes what it gets of both.
 */
export async function measureBeside(url: string, file: string, seconds: number): Promise<Beside> {
  const { key } = await makeData(url, users);
  const server = await startRoster('Roster', url, key);
  const db = await openStore(url);
  const update = async (forSeconds: number) => {
    const result = await load(server, [forSeconds, connections, 'update', users, Math.floor(Math.random() * 1e9)]);
    if (result.failures > 0) throw new Error(`${result.failures} updates failed`);
    return result;
  };
  await update(2); // to warm up
  const before = await update(seconds / 2);
  const importing = startCommand(url, ['import', file]);
  while ((await recordsDone(db)) === 0) await sleep(20);
  const [start, startedAt] = [await recordsDone(db), performance.now()];
  const during = await update(seconds);
  const imported = (((await recordsDone(db)) - start) * 1000) / (performance.now() - startedAt);
  if (importing.exitCode !== null) throw new Error('the import was over too soon: give more users');
  importing.kill('SIGKILL');
  await once(importing, 'exit');
  const after = await update(seconds / 2);
  await stop(server);
  await db.close();
  return {
    alone: (before.perSecond + after.perSecond) / 2,
    during: during.perSecond,
    imported,
    p99: { alone: Math.max(before.p99, after.p99), during: during.p99 },
  };
}
