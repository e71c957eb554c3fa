import type { Database, Prisma } from '../db/database.ts';
import { violatedConstraint } from '../db/errors.ts';
import { DomainError, type Issue } from '../errors.ts';
import type { EmailAddress } from './email.ts';
import { findOwners } from './find.ts';

const emailKey = 'users_email_canonical_key';
const externalIdKey = 'users_external_id_key';

type Conflict = Issue & { readonly code: 'email_not_available' | 'external_id_already_used'; readonly field: string };

/** What a client hears of each unique constraint of a user. */
const conflicts: Record<string, Conflict> = {
  [emailKey]: {
    field: 'email',
    code: 'email_not_available',
    message: 'This email is not available.',
  },
  [externalIdKey]: {
    field: 'externalId',
    code: 'external_id_already_used',
    message: 'This external id is already used by another user.',
  },
};

/** The error of an address that another user has. */
export function emailNotAvailable(field: string): DomainError {
  const { code, message } = conflicts[emailKey] as Conflict;
  return new DomainError(code, message, { field });
}

/** Whether the database refused a write because another user has a value that must be unique. */
export function isConflict(error: unknown): boolean {
  return Object.hasOwn(conflicts, violatedConstraint(error) ?? '');
}

type Conflicts = [Conflict, ...Conflict[]];

export interface UniqueValues {
  /** The user whose values they are to be. */
  readonly id: string;
  readonly email?: EmailAddress | undefined;
  readonly externalId?: string | null | undefined;
}

/**
 * What other users have of these values, of which the database refused one; the address first. A database names only the
 * first constraint that it finds violated, and not each the same one, so the other value is looked up.
 */
export async function findConflicts(
  db: Database,
  error: unknown,
  { id, email, externalId }: UniqueValues,
): Promise<Conflicts> {
  const named = violatedConstraint(error) ?? '';
  const taken = [named];
  if (email && typeof externalId === 'string') {
    taken.push(
      ...(await db.transactionApart(({ prisma }) => findTakenKeys(prisma, [{ id, email, externalId }]))).flat(),
    );
  }
  return conflictsOf(taken) as Conflicts;
}

/**
 * What others have of the values of each, the address first: other users at this moment, as those before it in the list would
 * leave them; one that is refused leaves all as it is. Writes nothing.
 */
export async function findTaken(
  { reader }: Pick<Database, 'reader'>,
  all: readonly UniqueValues[],
): Promise<Conflict[][]> {
  return (await findTakenKeys(reader, all)).map(conflictsOf);
}

/**
 * The errors of those of a list which the database refused as a whole, null for the others. It does not say whom it means, so the
 * values are looked for, in a transaction: whoever has one may not be committed yet. Nobody may have them any more.
 */
export async function explainConflicts(db: Database, all: readonly UniqueValues[]): Promise<(DomainError | null)[]> {
  const taken = await db.transactionApart(({ prisma }) => findTakenKeys(prisma, all));
  return taken.map((keys) => {
    const [first, ...more] = conflictsOf(keys);
    return first ? valuesTaken([first, ...more]) : null;
  });
}

/** The error of a list that is refused time and again for values which nobody has when they are looked for. */
export function valuesContended(): DomainError {
  const message =
    'Others take and give up the same values at this moment, and nothing was written. Try again in a moment.';
  return new DomainError('service_unavailable', message, { retryAfterSeconds: 1 });
}

function conflictsOf(taken: readonly string[]): Conflict[] {
  return Object.entries(conflicts).flatMap(([key, conflict]) => (taken.includes(key) ? [conflict] : []));
}

/** For each the names of the constraints that it would violate. */
async function findTakenKeys(
  client: Pick<Prisma.TransactionClient, 'user'>,
  all: readonly UniqueValues[],
): Promise<string[][]> {
  const { byAddress, byExternalId } = await findOwners(
    client,
    all.flatMap(({ email }) => email?.canonical ?? []),
    all.flatMap(({ externalId }) => externalId ?? []),
  );
  return all.map(({ id, email, externalId }) => {
    const claims: Claim[] = [
      { key: emailKey, owners: byAddress, value: email?.canonical },
      { key: externalIdKey, owners: byExternalId, value: externalId },
    ];
    const taken = claims.filter(({ owners, value }) => isTaken(owners, value, id)).map(({ key }) => key);
    if (taken.length === 0) for (const { owners, value } of claims) take(owners, value, id);
    return taken;
  });
}

/** Of each value that somebody wants, who has it. */
type Owners = Map<string | null, string>;

interface Claim {
  readonly key: string;
  readonly owners: Owners;
  readonly value: string | null | undefined;
}

function isTaken(owners: Owners, value: string | null | undefined, id: string): boolean {
  return typeof value === 'string' && (owners.get(value) ?? id) !== id;
}

/** Nobody after them may have it; what they had before, others may. */
function take(owners: Owners, value: string | null | undefined, id: string): void {
  if (value === undefined) return;
  for (const [other, owner] of owners) if (owner === id) owners.delete(other);
  if (value !== null) owners.set(value, id);
}

/** The error of an update for what other users have: with the code of the address, where that is taken. */
export function valuesTaken([first, ...more]: Conflicts): DomainError {
  if (more.length === 0) return new DomainError(first.code, first.message, { field: first.field });
  const issues = [first, ...more];
  return new DomainError(first.code, issues.map(({ message }) => message).join(' '), { issues });
}
