import { LockTimeout, unavailable } from './errors.ts';
import type { IdempotentRequest } from './models.ts';
import type { TransactDirectly } from './transactions.ts';
import { applyTogether, type Outcome, patienceMs, type UserUpdate } from './user-updates.ts';

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

/** So long whoever records an answer waits for another process that carries out the same, in ms: less than a statement may take. */
export const recordingPatienceMs = 4500;

export interface TogetherOptions<Result> {
  /** What becomes of the others where `decide` refuses one: none is made, or they are. */
  readonly onRefusal: 'undo' | 'leave out';
  /** How long to wait for whoever holds one of the users, in ms; a while when omitted. */
  readonly patienceMs?: number;
  /** What the whole comes to, before it is committed. */
  resultOf(outcomes: readonly Outcome[]): Result;
  /** What to keep of that, where anything was made. */
  readonly record?: (result: Result) => IdempotentRequest;
}

/**
 * Makes many updates of different users in one transaction; where the database itself refuses one, none. Rejects with
 * RefusedTogether where one is refused and that undoes the others, or as `UpdateUser`.
 */
export type UpdateUsersTogether = <Result>(
  updates: readonly UserUpdate[],
  options: TogetherOptions<Result>,
) => Promise<Result>;

export function createUpdatesTogether(transact: TransactDirectly): UpdateUsersTogether {
  return async (updates, { onRefusal, patienceMs: patience = patienceMs, resultOf, record }) => {
    try {
      return await transact(
        async (tx) => {
          const outcomes = (await applyTogether(tx, updates, 'wait')) as Outcome[];
          const refusals = outcomes.map((outcome) => ('refusal' in outcome ? outcome.refusal : null));
          const isAnyRefused = refusals.some((refusal) => refusal !== null);
          if (isAnyRefused && onRefusal === 'undo') throw new RefusedTogether(refusals);
          const result = resultOf(outcomes);
          if (record && refusals.includes(null)) await tx.statements.recordAnswers([record(result)]);
          return result;
        },
        record ? recordingPatienceMs : patience,
      );
    } catch (error) {
      if (!(error instanceof LockTimeout)) throw error;
      throw record ? error : unavailable();
    }
  };
}
