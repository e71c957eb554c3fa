import type { BulkInserts, UserRows } from '../../db/database.ts';
import type { Batch } from './batch.ts';
import type { Checkpoint } from './checkpoint.ts';
import { decideImport } from './decide.ts';
import { createDetour } from './detour.ts';
import { type ImportContext, preparedOf, type Tally, tallyOf } from './import-items.ts';
import { mostSharedMs } from './pace.ts';
import { createSharedCommits } from './shared-commits.ts';
import { passwordsOf } from './write-batch.ts';

/** So many are on their way at most: what is prepared while a commit is made has somewhere to go, and takes memory. */
const maxOnTheWay = 6;
/** Of one transaction. */
const maxUsers = 40_000;

/** What is to be written in the ordinary way, in this order; nothing else is under way then. */
export interface Left {
  readonly batches: readonly Batch[];
  /** Whether somebody else has written. */
  readonly hasCompany: boolean;
}

/** Inserts batches of new users on a thread while the next ones are read and prepared, many with one commit. */
export interface Ahead {
  /** Takes a batch, or leaves it, and perhaps some that were taken before. */
  take(batch: Batch): Promise<Left>;
  /** Commits what was taken. */
  stop(): Promise<Left>;
  /** Somebody else has written: from now on it is counted anew for how long nobody has. */
  noteCompany(): void;
}

interface Context extends ImportContext {
  readonly checkpoint: Checkpoint;
  readonly now: () => Date;
  /** So many records are done, and committed. */
  onCommit(records: number): void;
}

/** A batch of new users, if nothing that is stored stands against it. */
interface Ready extends Tally {
  readonly batch: Batch;
  readonly rows: UserRows;
}

export function createAhead(bulk: BulkInserts, context: Context): Ahead {
  const { counts, onProblems } = context;
  const detour = createDetour();
  let quietSince = performance.now();
  /** With all that is on its way. */
  let expected = counts;
  let onTheWay: Promise<void>[] = [];
  let refused: Batch[] = [];
  let hasCompany = false;
  const commits = createSharedCommits(bulk, context, () => Promise.all(onTheWay));

  /** In the order of the batches: what is told of one, and its counts, before those of the next. */
  async function receive({ batch, rows, counts: after, problems }: Ready, before: Promise<void> | undefined) {
    const answer = bulk.insert(rows);
    answer.catch(() => {}); // told below
    await before;
    const inserted = await answer;
    if (inserted !== 'inserted') {
      hasCompany ||= inserted === 'others wrote';
      refused.push(batch);
      return;
    }
    if (problems.length > 0) await onProblems(problems);
    Object.assign(counts, after);
    detour.noteInserted();
    commits.add({ users: rows.users.length, records: batch.records });
  }

  async function send(ready: Ready): Promise<void> {
    await commits.arrived(); // a batch whose problems may not have been told yet is no part of the commit
    expected = ready.counts;
    const received = receive(ready, onTheWay.at(-1));
    received.catch(commits.fail);
    onTheWay.push(received);
    commits.commitWithin(mostSharedMs(performance.now() - quietSince));
  }

  async function stop(batches: readonly Batch[] = []): Promise<Left> {
    await Promise.all(onTheWay);
    commits.commit();
    await commits.settled();
    await bulk.pause();
    const left = { batches: [...refused, ...batches], hasCompany };
    if (hasCompany) quietSince = performance.now();
    if (refused.length > 0 && !hasCompany) detour.noteRefused();
    [expected, onTheWay, refused, hasCompany] = [counts, [], [], false];
    return left;
  }

  return {
    async take(batch) {
      commits.assertWhole();
      const ready = detour.takes() ? null : readyOf(batch, expected, context);
      if (!ready) return stop([batch]);
      if (onTheWay.length >= maxOnTheWay) await onTheWay.shift();
      if (refused.length > 0) return stop([batch]);
      await send(ready);
      if (commits.users >= maxUsers) commits.commit();
      return { batches: [], hasCompany: false };
    },
    stop,
    noteCompany() {
      quietSince = performance.now();
    },
  };
}

/** What is decided where nothing is stored of what they bring. Null of a batch that is not all new, or whose hashes take long. */
function readyOf(batch: Batch, before: Tally['counts'], { options, now }: Context): Ready | null {
  const prepared = preparedOf(batch.items);
  if (options.emitsEvents || prepared.some(({ password }) => password?.carried.kind === 'weak')) return null;
  const decisions = decideImport(prepared, { users: [], identities: [], passwords: [] }, 'skip', now());
  const created = decisions.filter((decision) => decision.outcome === 'created');
  if (created.length < decisions.length) return null;
  const passwords = passwordsOf(prepared, decisions, new Map(), false);
  const rows = {
    users: created.map(({ user }) => user),
    identities: created.flatMap(({ identities }) => identities),
    passwords,
  };
  return { batch, rows, ...tallyOf(before, batch.items, { decisions, passwords }) };
}
