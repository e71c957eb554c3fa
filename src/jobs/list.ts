import type { Database, Job } from '../db/database.ts';
import { DomainError } from '../errors.ts';

const pageSize = 500;

export type JobState = 'failed' | 'running' | 'waiting';

export function stateOf({ runAt, lockedBy }: Pick<Job, 'runAt' | 'lockedBy'>): JobState {
  if (runAt === null) return 'failed';
  return lockedBy === null ? 'waiting' : 'running';
}

/** All jobs, oldest first, some at a time. */
export async function* readJobs({ reader }: Database, { failed = false } = {}): AsyncGenerator<Job[]> {
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const jobs: Job[] = await reader.job.findMany({
      where: { id: { gt: cursor }, ...(failed && { failedAt: { not: null } }) },
      orderBy: { id: 'asc' },
      take: pageSize,
    });
    yield jobs;
    cursor = jobs.at(-1)?.id;
  }
}

/** Has a job that has failed, or waits, done now. Throws `entity_not_found` where there is none that is not running. */
export async function retryJob(db: Database, id: string, now: Date): Promise<void> {
  const data = { runAt: now, attempts: 0, failedAt: null };
  const { count } = await db.transaction((tx) => tx.prisma.job.updateMany({ where: { id, lockedBy: null }, data }));
  if (count === 0)
    throw new DomainError('entity_not_found', `There is no job '${id}' that waits or has failed.`, { entityId: id });
}
