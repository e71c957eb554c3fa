import type { Sql } from './dialect.ts';
import type { DatabaseClient, Prisma } from './models.ts';

/** The statements on jobs that Prisma has no words for. */
export interface DueJobs {
  /** When the next job of each of these kinds runs; a look at the index for each, in one statement. */
  next(kinds: readonly string[]): Promise<Map<string, Date>>;
  /** Within a transaction: ids of jobs that are due, the longest first, which no other process can take until its end. */
  lock(prisma: Prisma.TransactionClient, kind: string, now: Date, limit: number): Promise<string[]>;
}

export function createDueJobs(reader: DatabaseClient, { table, parameter, lockAvailable }: Sql): DueJobs {
  const jobs = table('jobs');
  return {
    async next(kinds) {
      const looks = kinds.map((_, i) => `SELECT min(run_at) AS run_at FROM ${jobs} WHERE kind = ${parameter(i + 1)}`);
      const sql = looks.map((look, i) => `SELECT ${i} AS position, (${look}) AS run_at`).join(' UNION ALL ');
      const rows = await reader.$queryRawUnsafe<{ position: number; run_at: string | Date | null }[]>(sql, ...kinds);
      return new Map(
        rows.flatMap(({ position, run_at }) =>
          run_at === null ? [] : [[kinds[Number(position)] as string, new Date(run_at)]],
        ),
      );
    },
    async lock(prisma, kind, now, limit) {
      const rows = await prisma.$queryRawUnsafe<{ id: string }[]>(
        `SELECT id FROM ${jobs} WHERE kind = ${parameter(1)} AND run_at <= ${parameter(2)}
         ORDER BY run_at LIMIT ${parameter(3)} ${lockAvailable}`,
        kind,
        now,
        limit,
      );
      return rows.map(({ id }) => id);
    },
  };
}
