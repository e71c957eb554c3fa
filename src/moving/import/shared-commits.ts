import type { BulkInserts } from '../../db/database.ts';
import { type Checkpoint, takenOver } from './checkpoint.ts';
import type { ImportCounts } from './counts.ts';

interface Context {
  readonly checkpoint: Checkpoint;
  /** Of all batches that were added. */
  readonly counts: ImportCounts;
  /** So many records are done, and committed. */
  onCommit(records: number): void;
}

/** One commit for many batches that were inserted: a page of an index that many of them share is written once. */
export interface SharedCommits {
  /** So many users are inserted and not committed. */
  readonly users: number;
  /** A batch is inserted, and what there is to tell of it is told: it is part of the next commit. */
  add(batch: { readonly users: number; readonly records: number }): void;
  /** Commits what was added, when all that is on its way now has arrived. */
  commit(): void;
  /** The same, so many milliseconds after the first that asks for it. */
  commitWithin(ms: number): void;
  /** Resolves when all has arrived that the last commit waits for: what is sent then is no part of it. */
  arrived(): Promise<void>;
  /** Resolves when all commits are made. */
  settled(): Promise<void>;
  /** From now on nothing is committed: what could not be told, or was not inserted, would count as done. */
  fail(error: unknown): void;
  assertWhole(): void;
}

/** `onTheWay` resolves when all has arrived that was sent by then. */
export function createSharedCommits(
  bulk: BulkInserts,
  { checkpoint, counts, onCommit }: Context,
  onTheWay: () => Promise<unknown>,
): SharedCommits {
  let open = { batches: 0, users: 0, records: 0 };
  let failure: unknown = null;
  let timer: NodeJS.Timeout | null = null;
  let last: { readonly arrived: Promise<void>; readonly done: Promise<void> } | null = null;

  function fail(error: unknown): void {
    failure ??= error;
  }

  function assertWhole(): void {
    if (failure) throw failure;
  }

  async function write(): Promise<void> {
    const { records, batches } = open;
    open = { batches: 0, users: 0, records };
    assertWhole();
    if (batches === 0) return;
    const isMine = await bulk.commit(checkpoint.progress({ records, counts: { ...counts } }));
    if (!isMine) throw takenOver();
    onCommit(records);
  }

  function commit(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    const arrived = onTheWay().then(() => {});
    const done = Promise.all([last?.done, arrived.then(write)]).then(() => {});
    last = { arrived, done };
    arrived.catch(fail);
    done.catch(fail);
  }

  return {
    get users() {
      return open.users;
    },
    add({ users, records }) {
      open = { batches: open.batches + 1, users: open.users + users, records };
    },
    commit,
    commitWithin(ms) {
      timer ??= setTimeout(commit, ms);
    },
    arrived: async () => last?.arrived,
    settled: async () => last?.done,
    fail,
    assertWhole,
  };
}
