import type { Job } from '../db/database.ts';
import * as jobs from '../jobs/list.ts';
import { printList } from './print-list.ts';
import { readSettings } from './read-settings.ts';
import type { Terminal } from './terminal.ts';
import { withDatabase } from './with-database.ts';

/** `roster job list`: a line each, oldest first; no payload. */
export function listJobs(terminal: Terminal, options: { failed?: boolean }): Promise<void> {
  const none = options.failed ? 'No job has failed.' : 'There is no job.';
  return withDatabase(terminal, readSettings(terminal), (db) =>
    printList(terminal, jobs.readJobs(db, options), summarize, none),
  );
}

/** `roster job retry ID`. */
export function retryJob(terminal: Terminal, id: string): Promise<void> {
  return withDatabase(terminal, readSettings(terminal), async (db) => {
    await jobs.retryJob(db, id, new Date());
    terminal.stdout.write(`${id} is begun within seconds by a server that runs jobs.\n`);
  });
}

function summarize(job: Job): string {
  const { id, kind, runAt, failedAt, attempts, lastError } = job;
  const state = {
    failed: () => `failed ${failedAt?.toISOString()}`,
    running: () => `runs, with a lease until ${runAt?.toISOString()}`,
    waiting: () => `waits until ${runAt?.toISOString()}`,
  }[jobs.stateOf(job)]();
  const tries = attempts > 0 ? `  attempts ${attempts}` : '';
  return `${id}  ${kind}  ${state}${tries}${lastError === null ? '' : `  ${lastError}`}`;
}
