import type { UserWithIdentities } from '../db/user-reads.ts';
import type { UpdatedUser, UserUpdate } from '../db/user-updates.ts';
import { DomainError } from '../errors.ts';
import { lookupKey } from '../input/ids.ts';
import { assertNoIssues } from '../input/validation-errors.ts';
import { type Actor, actingUser } from '../principal/principal.ts';
import { assertMayUpdate } from './access.ts';
import { sessionOf } from './changes.ts';
import { findConflicts, isConflict, type UniqueValues, valuesTaken } from './conflicts.ts';
import { preparePassword } from './credentials.ts';
import { verifyCurrentPassword } from './current-password.ts';
import { type DecidedRows, decideWithRows } from './decided-rows.ts';
import { judgeInput } from './judged-input.ts';
import { countedSessionOf } from './password-attempt.ts';
import { assertCurrent, type Expectation } from './user-errors.ts';
import type { UsersApp } from './users-app.ts';

export interface UpdateOptions extends Expectation {
  /** Whether the answer has the user's `identities`, too. */
  readonly withIdentities?: boolean;
}

/**
 * Updates a user: omitted fields stay, null clears, and everything happens in one transaction or not at all.
 * Promises and codes are WorkOS's "Update a user"; every refusal is a DomainError and leaves nothing behind.
 */
export async function updateUser(
  app: UsersApp,
  actor: Actor,
  id: string,
  input: unknown,
  options: UpdateOptions = {},
): Promise<UserWithIdentities> {
  const prepared = await prepareUpdate(app, actor, id, input, options);
  try {
    const updated = await app.db.updateUser(lookupKey(id), prepared.update);
    prepared.settle();
    return shownUser(updated, options.withIdentities ?? false);
  } catch (error) {
    throw await prepared.explain(error);
  }
}

/** The user as an update left them, with the identities where they were asked for. */
export function shownUser({ user, identities }: UpdatedUser, withIdentities: boolean): UserWithIdentities {
  return withIdentities ? { ...user, identities: [...identities] } : user;
}

/** An update that may be made, as far as can be said before the transaction: judged, and with its password hashed. */
export interface PreparedUpdate {
  /** What the database decides and writes. */
  readonly update: UserUpdate;
  /** The values that no other user may have. */
  readonly claimed: UniqueValues;
  /** Whether anything changes, as it was decided last. */
  isChanged(): boolean;
  /** What it was refused with when it was decided last, or null. */
  refusal(): DomainError | null;
  /** When it is committed: has what follows from it looked at, and answers whether anything changed. */
  settle(): boolean;
  /** What a client hears of an error that the database threw. */
  explain(error: unknown): Promise<unknown>;
}

/** Throws every refusal that needs no transaction. Hashing is slow, so it is done here. */
export async function prepareUpdate(
  app: UsersApp,
  actor: Actor,
  id: string,
  input: unknown,
  { expectedVersion, withIdentities = false }: UpdateOptions = {},
): Promise<PreparedUpdate> {
  assertMayUpdate(app.config, actor, id, input);
  const self = actingUser(actor);
  if (self) await app.ownUpdateLimits.assertAllowed({ userId: self.userId, sessionId: countedSessionOf(self) });
  const { fields, verifiedHash } = await judge(app, actor, id, input, { expectedVersion });
  const password = (await preparePassword(app, fields, actor)) ?? null;
  const update = { expectedVersion, id, actor, fields, password, verifiedHash, policy: app.config, now: app.now() };
  const claimed = { id, email: fields.email, externalId: fields.externalId };
  let decided: DecidedRows | null = null;
  let refusal: DomainError | null = null;
  return {
    update: {
      reads: {
        password: (password ?? verifiedHash) !== null,
        identities: withIdentities || fields.email !== undefined || password !== null,
        session: sessionOf(update),
      },
      claims: fields.email !== undefined || fields.externalId !== undefined,
      decide(stored) {
        [decided, refusal] = [null, null];
        try {
          decided = decideWithRows(app, stored, update);
          return decided;
        } catch (error) {
          if (error instanceof DomainError) refusal = error;
          throw error;
        }
      },
    },
    claimed,
    isChanged: () => decided !== null,
    refusal: () => refusal,
    settle() {
      decided?.wake();
      return decided !== null;
    },
    explain: async (error) => (isConflict(error) ? valuesTaken(await findConflicts(app.db, error, claimed)) : error),
  };
}

/** Reports every problem of an input; answers its fields, and the stored hash that the given current password matched. */
async function judge(app: UsersApp, actor: Actor, id: string, input: unknown, expectation: Expectation) {
  const { fields, issues, known, isAboutPassword } = await judgeInput(app, actor, id, input);
  assertNoIssues(issues);
  if (isAboutPassword) assertCurrent(known, id, expectation);
  return { fields, verifiedHash: await verifyCurrentPassword(app, known, fields.currentPassword, actor) };
}
