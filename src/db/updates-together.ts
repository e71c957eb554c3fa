import { LockTimeout, unavailable } from './errors.ts';
import type { TransactDirectly } from './transactions.ts';
import { applyTogether, type Outcome, patienceMs, type UpdatedUser, type UserUpdate } from './user-updates.ts';

/** Some of many updates that are to be made together were refused, and so none was made. */
export class RefusedTogether extends Error {
  override readonly name = 'RefusedTogether';
  /** What each was refused with; null where it was not. */
  readonly refusals: readonly unknown[];

  constructor(refusals: readonly unknown[]) {
    super('Not all updates can be made.');
    this.refusals = refusals;
  }
}

/** Makes many updates of different users in one transaction, or none: then it rejects with RefusedTogether, or as `UpdateUser`. */
export type UpdateUsersTogether = (
  updates: readonly { readonly id: string; readonly update: UserUpdate }[],
) => Promise<UpdatedUser[]>;

export function createUpdatesTogether(transact: TransactDirectly): UpdateUsersTogether {
  return async (updates) => {
    try {
      return await transact(async (tx) => {
        const queued = updates.map(({ id, update }) => ({ ...update, id }));
        const outcomes = (await applyTogether(tx, queued, 'wait')) as Outcome[];
        const refusals = outcomes.map((outcome) => ('refusal' in outcome ? outcome.refusal : null));
        if (refusals.some((refusal) => refusal !== null)) throw new RefusedTogether(refusals);
        return outcomes as UpdatedUser[];
      }, patienceMs);
    } catch (error) {
      throw error instanceof LockTimeout ? unavailable() : error;
    }
  };
}
