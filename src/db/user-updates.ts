import { DomainError } from '../errors.ts';
import { createBatcher } from './batch.ts';
import { LockTimeout, unavailable } from './errors.ts';
import { createLanes } from './lanes.ts';
import type { IdempotentRequest, User } from './models.ts';
import type { PoolOptions } from './options.ts';
import type { DirectTransaction, TransactDirectly } from './transactions.ts';
import {
  type Decided,
  type Locking,
  readStored,
  type StoredUser,
  type UpdatedUser,
  type UserChanges,
  type Wanted,
  writeChanges,
} from './user-changes.ts';

export type { StoredUser, UpdatedUser, UserChanges } from './user-changes.ts';

export interface UserUpdate {
  /** Whose it is. */
  readonly id: string;
  /** What the decision needs besides the user. */
  readonly reads: Wanted;
  /** Whether it may give a value that must be unique among users. */
  readonly claims: boolean;
  /** Null where nothing changes. Throws a DomainError to refuse. Pure: it may be called again, with newer rows. */
  decide(stored: StoredUser): UserChanges | null;
  /** What to keep of its outcome, also where nothing changes, under a key that no two updates may have. */
  readonly record?: (updated: UpdatedUser) => IdempotentRequest;
}

/**
 * Decides an update and writes it, in one transaction that it may share with others. Rejects with what `decide` throws, and as
 * `Database.transaction` does.
 */
export type UpdateUser = (update: UserUpdate) => Promise<UpdatedUser>;

/** The same within a transaction that is open, for what changes more than the user. Waits for whoever holds the user. */
export async function updateUserWithin(
  tx: DirectTransaction,
  update: Pick<UserUpdate, 'id' | 'reads' | 'decide'>,
): Promise<UpdatedUser> {
  const [outcome] = await applyTogether(tx, [{ ...update, claims: true }], 'wait');
  if (!outcome) throw new Error('A user who is waited for has an outcome.');
  if ('refusal' in outcome) throw outcome.refusal;
  return outcome;
}

export type Outcome = UpdatedUser | { readonly refusal: unknown };

/** So many updates share one transaction at most. */
const maxBatch = 64;
/** So long a user is waited for, in ms. */
export const patienceMs = 250;
/** So long a value that must be unique, or another row than the user's, is waited for together with others, in ms. */
const lockTimeoutMs = 25;

/**
 * Updates that arrive together are written together: see `applyUpdates`. So that none keeps others waiting, those that may have
 * to wait for another transaction have a queue of their own, and those that must wait for one, which holds their user or a
 * value that they want, and those whose user is not there, wait by themselves and in turns, on half of the connections.
 */
export function createUserUpdates(
  transact: TransactDirectly,
  { size, statementTimeoutMs }: Pick<PoolOptions, 'size' | 'statementTimeoutMs'>,
): UpdateUser {
  const waiting = createLanes({
    keyOf: ({ id }: UserUpdate) => id,
    run: (updates) => applyUpdates(transact, updates, 'wait'),
    maxSize: maxBatch,
    maxRunning: Math.ceil(size / 2),
    maxWaitMs: statementTimeoutMs,
    tooLate: ({ record }) => (record ? new LockTimeout() : unavailable()),
  });
  const createQueue = () =>
    createBatcher(async (updates: UserUpdate[]) => {
      const outcomes = await applyUpdates(transact, updates, 'skip');
      return updates.map((update, i) => outcomes[i] ?? waiting(update));
    }, maxBatch);
  const [plain, others] = [createQueue(), createQueue()];
  return async (update) => {
    const outcome = await (mayHaveToWait(update) ? others : plain)(update);
    if ('refusal' in outcome) throw outcome.refusal;
    return outcome;
  };
}

/**
 * Applies updates in their order, in one transaction: reads all users under a lock, decides each update on what the ones
 * before it made of them, writes all. A refused one harms no other: where the database itself refuses, because a value must
 * be unique, nothing of the batch is written, and each is tried in a transaction of its own. An update that would have to
 * wait longer for another transaction has no outcome.
 */
async function applyUpdates(
  transact: TransactDirectly,
  updates: UserUpdate[],
  locking: Locking,
): Promise<(Outcome | null)[]> {
  if (claimInTurn(updates)) return applyOneByOne(transact, updates, locking);
  try {
    return await transact((tx) => applyTogether(tx, updates, locking), timeoutOf(updates, locking));
  } catch (error) {
    if (error instanceof DomainError) throw error; // the database is busy or away, for all of them
    if (updates.length > 1) return applyOneByOne(transact, updates, 'skip');
    return [error instanceof LockTimeout ? null : { refusal: error }];
  }
}

function timeoutOf(updates: UserUpdate[], locking: Locking): number | undefined {
  if (locking === 'wait') return patienceMs;
  return updates.some(mayHaveToWait) ? lockTimeoutMs : undefined;
}

/** Whether an update touches more than the row of its user, which is locked: another transaction may hold that. */
function mayHaveToWait({ claims, reads, record }: UserUpdate): boolean {
  return claims || reads.password || record !== undefined;
}

/** Of two unique values that one user is given in turn, the database would see, and judge, only the last. Null is one. */
function claimInTurn(updates: UserUpdate[]): boolean {
  const claiming = updates.filter(({ claims }) => claims);
  return new Set(claiming.map(({ id }) => id)).size < claiming.length;
}

/**
 * What is committed stays answered, whatever comes after it. When the database is busy or away, the rest is not tried, or
 * each of them would wait for the same.
 */
async function applyOneByOne(
  transact: TransactDirectly,
  updates: UserUpdate[],
  locking: Locking,
): Promise<(Outcome | null)[]> {
  const outcomes: (Outcome | null)[] = [];
  for (const update of updates) {
    try {
      outcomes.push(...(await applyUpdates(transact, [update], locking)));
    } catch (refusal) {
      const rest = updates.slice(outcomes.length + 1);
      return [...outcomes, { refusal }, ...rest.map(() => ({ refusal: unavailable() }))];
    }
  }
  return outcomes;
}

export async function applyTogether(
  tx: DirectTransaction,
  updates: readonly UserUpdate[],
  locking: Locking,
): Promise<(Outcome | null)[]> {
  const stored = await readStored(tx, updates, locking);
  const written: Decided[] = [];
  const recorded: IdempotentRequest[] = [];

  function apply({ id, decide, reads, record }: UserUpdate): UpdatedUser {
    const found = stored.get(id, reads);
    const changes = decide(found);
    if (changes) {
      written.push({ before: found.user as User, changes });
      stored.change(changes);
    }
    const updated = stored.updated(id);
    if (record) recorded.push(record(updated));
    return updated;
  }

  const isLeft = ({ id }: UserUpdate) => locking === 'skip' && !stored.has(id);
  const outcomes = updates.map((update) => (isLeft(update) ? null : attempt(() => apply(update))));
  await writeChanges(tx, written);
  await tx.statements.recordAnswers(recorded);
  return outcomes;
}

function attempt(work: () => UpdatedUser): Outcome {
  try {
    return work();
  } catch (error) {
    if (error instanceof DomainError) return { refusal: error };
    throw error;
  }
}
