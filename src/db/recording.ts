import { isLockTimeout, LockTimeout } from './errors.ts';
import type { IdempotentRequest } from './models.ts';
import type { Transact } from './transactions.ts';
import { recordingPatienceMs, type UpdateUsersTogether } from './updates-together.ts';
import type { UpdateUser } from './user-updates.ts';

/** Everything that changes rows for whoever asks. */
export interface Writers {
  /**
   * Runs `work` as one transaction and resolves after its commit; undoes everything when it throws. `work` may run again.
   * Throws a DomainError: `service_unavailable` when the database is busy or away and nothing was written, `outcome_unknown`
   * when it did not answer a COMMIT.
   */
  readonly transaction: Transact;
  /** Decides an update and writes it in one transaction, which it may share with others: see `UserUpdate`. */
  readonly updateUser: UpdateUser;
  /** The same for many users, all in one transaction. */
  readonly updateUsersTogether: UpdateUsersTogether;
  /** Whether they keep the result of what they do. */
  readonly isRecording: boolean;
}

/** Makes, of what is answered to a request with a key, the row by which it is answered again. Pure: it may be called again. */
export type RecordAnswer = (result: unknown) => IdempotentRequest;

/**
 * Writers that keep the result of what they do, in the same transaction: no writer can forget it. They reject with a violated
 * constraint of `idempotent_requests` where there is a row already, and with LockTimeout where another process is about to
 * write it for too long. `transact` rejects with errors as they are.
 */
export function createRecording(
  writers: Writers,
  transact: Transact,
  refuse: (error: unknown) => never,
): (record: RecordAnswer) => Writers {
  return (record) => ({
    isRecording: true,
    transaction: (work) =>
      transact(async (tx) => {
        const result = await work(tx);
        await tx.statements.recordAnswers([record(result)], recordingPatienceMs);
        return result;
      }).catch((error) => {
        if (isLockTimeout(error)) throw new LockTimeout();
        return refuse(error);
      }),
    updateUser: (update) =>
      writers.updateUser({ ...update, record: ({ user, identities }) => record({ identities, ...user }) }),
    updateUsersTogether: (updates, options) => writers.updateUsersTogether(updates, { ...options, record }),
  });
}

/** Whether somebody else has carried out what has this key. */
export function isRecordedAlready(constraint: string | null): boolean {
  return constraint?.startsWith('idempotent_requests_') ?? false;
}
