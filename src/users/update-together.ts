import type { Outcome } from '../db/database.ts';
import { RefusedTogether, type TogetherOptions } from '../db/updates-together.ts';
import type { UserWithIdentities } from '../db/user-reads.ts';
import type { UserUpdate } from '../db/user-updates.ts';
import { DomainError } from '../errors.ts';
import { explainConflicts, isConflict, valuesContended } from './conflicts.ts';
import { explain, type PreparedUpdate, settle, shownUser } from './update.ts';
import type { UsersApp } from './users-app.ts';

/** What became of one of many updates: the user as they are afterwards, or why it was refused. */
export type ItemResult =
  | { readonly user: UserWithIdentities; readonly isChanged: boolean }
  | { readonly error: ItemError };

/** An error as it is told, and kept. */
export type ItemError = Pick<DomainError, 'code' | 'message' | 'details'>;

type Refused = { readonly error: DomainError };

/** One of many updates that may be made as far as is known before the transaction, or that was refused before. */
export type Attempted = PreparedUpdate | Refused;

/** All in one transaction, or none. */
export async function applyAllOrNone(
  app: UsersApp,
  attempted: readonly Attempted[],
  withIdentities: boolean,
): Promise<ItemResult[]> {
  if (attempted.some(isRefused)) return attempted.map((one) => (isRefused(one) ? one : { error: notApplied() }));
  const prepared = attempted as PreparedUpdate[];
  const resultOf = (outcomes: readonly Outcome[]) => toResults(prepared, outcomes, withIdentities);
  const made = await makeTogether(app, prepared, { onRefusal: 'undo', resultOf });
  return 'results' in made ? made.results : made.errors.map((error) => ({ error: error ?? notApplied() }));
}

/** All that can be made, in one transaction: where the database refuses one, the others are made without it. */
export async function applyTogether(
  app: UsersApp,
  attempted: readonly Attempted[],
  withIdentities: boolean,
): Promise<ItemResult[]> {
  for (let left = attempted; ; ) {
    const prepared = left.filter((one) => !isRefused(one)) as PreparedUpdate[];
    const resultOf = (outcomes: readonly Outcome[]) => toResults(left, outcomes, withIdentities);
    if (prepared.length === 0) return resultOf([]);
    const made = await makeTogether(app, prepared, { onRefusal: 'leave out', resultOf });
    if ('results' in made) return made.results;
    const refused = new Map(prepared.map((one, i) => [one, made.errors[i]]));
    left = left.map((one) => {
      const found = isRefused(one) ? null : refused.get(one);
      return found ? { error: found } : one;
    });
  }
}

/** So often a list is tried that is refused for values which nobody has any more when they are looked for. */
const maxAttempts = 5;

/** All in one transaction; or none, and the errors of those that are to blame, one at least. */
async function makeTogether(
  app: UsersApp,
  prepared: readonly PreparedUpdate[],
  options: TogetherOptions<ItemResult[]>,
): Promise<{ results: ItemResult[] } | { errors: readonly (DomainError | null)[] }> {
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    try {
      const results = await app.db.updateUsersTogether(updatesOf(prepared), options);
      for (const one of prepared) settle(one);
      return { results };
    } catch (error) {
      const errors = await explainAll(app, prepared, error);
      if (errors.some((found) => found !== null)) return { errors };
    }
  }
  throw valuesContended();
}

/** So long many wait for one of them whom somebody else holds, in ms, before each goes for itself. */
const patienceMs = 25;

/**
 * Each for itself, and if nothing stands in the way, with one commit. If something does, they come to the database as single
 * updates: it writes those in batches, and those of a batch that it refuses one by one.
 */
export async function applyEach(
  app: UsersApp,
  attempted: readonly Attempted[],
  withIdentities: boolean,
): Promise<ItemResult[]> {
  const prepared = attempted.filter((one) => !isRefused(one)) as PreparedUpdate[];
  const resultOf = (outcomes: readonly Outcome[]) => toResults(attempted, outcomes, withIdentities);
  if (prepared.length === 0) return resultOf([]);
  try {
    const options = { onRefusal: 'leave out', patienceMs, resultOf } as const;
    const results = await app.db.updateUsersTogether(updatesOf(prepared), options);
    for (const one of prepared) settle(one);
    return results;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'outcome_unknown')
      return attempted.map((one) => (isRefused(one) ? one : { error })); // they may be made
    return Promise.all(attempted.map((one) => (isRefused(one) ? one : applyOne(app, one, withIdentities))));
  }
}

async function applyOne(app: UsersApp, one: PreparedUpdate, withIdentities: boolean): Promise<ItemResult> {
  try {
    const updated = await app.db.updateUser(one.update);
    return { isChanged: settle(one), user: shownUser(updated, withIdentities) };
  } catch (error) {
    const told = await explain(app, one, error);
    if (told instanceof DomainError) return { error: told };
    throw told;
  }
}

function updatesOf(prepared: readonly PreparedUpdate[]): UserUpdate[] {
  return prepared.map(({ update }) => update);
}

function isRefused(one: Attempted): one is Refused {
  return 'error' in one;
}

/** One for each that was attempted, of the outcomes of those that were prepared. Errors are kept as what is told of them. */
function toResults(attempted: readonly Attempted[], outcomes: readonly Outcome[], withIdentities: boolean) {
  const next = outcomes.values();
  return attempted.map((one): ItemResult => {
    if (isRefused(one)) return { error: plain(one.error) };
    const outcome = next.next().value as Outcome;
    if ('refusal' in outcome) return { error: plain(outcome.refusal as DomainError) };
    return { user: shownUser(outcome, withIdentities), isChanged: one.decided !== null };
  });
}

function plain({ code, message, details }: DomainError): ItemError {
  return { code, message, details };
}

/** The errors of those that are to blame for the whole; none, where the database refused it for what nobody has any more. */
async function explainAll(
  app: UsersApp,
  prepared: readonly PreparedUpdate[],
  error: unknown,
): Promise<readonly (DomainError | null)[]> {
  if (error instanceof RefusedTogether) return error.refusals as (DomainError | null)[];
  if (!isConflict(error)) throw error;
  const decided = prepared.filter((one) => one.refusal === null);
  const claims = decided.map(({ claimed }) => claimed);
  const errors = await explainConflicts(app.db, claims);
  return prepared.map((one) => one.refusal ?? errors[decided.indexOf(one)] ?? null);
}

function notApplied(): DomainError {
  return new DomainError('not_applied', 'Another update of the list was refused, so that none was made.');
}
