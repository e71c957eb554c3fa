import { reasonOf } from '../errors.ts';
import type { DatabaseClient } from '../models.ts';
import type { Readers } from '../user-reads.ts';

/** How often a replica that failed is asked again, and for how long one that answered is trusted. */
const checkMs = 1000;

/** PostgreSQL's place in its write-ahead log, such as `16/B374D848`. */
const positionForm = /^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/;

/** Where the primary has written to: what a caller must have seen to read its own writes. */
export async function currentPosition(primary: DatabaseClient): Promise<string> {
  const [row] = await primary.$queryRaw<[{ position: string }]>`SELECT pg_current_wal_lsn()::text AS position`;
  return row.position;
}

/**
 * Chooses where a query reads: on the replica, unless it is away, or has not yet replayed what the caller has written.
 * Never throws. `client` is the replica without a fallback; `tell` hears why it is left out.
 */
export function createReplicaChoice(
  primary: Readers,
  replicaFirst: Readers,
  client: DatabaseClient,
  tell: (reason: string) => void,
) {
  let checkedAt = Number.NEGATIVE_INFINITY;
  let isThere = false;

  async function answers(): Promise<boolean> {
    if (performance.now() - checkedAt < checkMs) return isThere;
    checkedAt = performance.now();
    const isReplica = await ask(client.$queryRaw`SELECT pg_is_in_recovery() AS answer`);
    if (isReplica === false) tell('it is no replica: it takes writes itself');
    isThere = isReplica === true;
    return isThere;
  }

  /** The replica may go away between the check and this question. */
  async function hasReplayed(position: string): Promise<boolean> {
    if (!positionForm.test(position)) return false;
    return (await ask(client.$queryRaw`SELECT pg_last_wal_replay_lsn() >= ${position}::pg_lsn AS answer`)) === true;
  }

  async function ask(question: Promise<unknown>): Promise<boolean | null> {
    try {
      const [row] = (await question) as [{ answer: boolean | null }];
      return row.answer;
    } catch (error) {
      tell(reasonOf(error));
      return null;
    }
  }

  return async (after: string | null): Promise<Readers> => {
    if (!(await answers())) return primary;
    return after === null || (await hasReplayed(after)) ? replicaFirst : primary;
  };
}
