import type { UserWithIdentities } from '../db/user-reads.ts';
import type { UpdatedUser, UserUpdate } from '../db/user-updates.ts';
import { DomainError } from '../errors.ts';
import { lookupKey } from '../input/ids.ts';
import { type ParsedInput, parseInput } from '../input/input-rules.ts';
import { assertNoIssues } from '../input/validation-errors.ts';
import { type Actor, actingUser } from '../principal/principal.ts';
import { assertMayUpdate } from './access.ts';
import { sessionOf, type Update } from './changes.ts';
import { findConflicts, isConflict, type UniqueValues, valuesTaken } from './conflicts.ts';
import { hasCredentials, preparePassword } from './credentials.ts';
import { verifyCurrentPassword } from './current-password.ts';
import { type DecidedRows, decideWithRows } from './decided-rows.ts';
import { updateFields } from './fields.ts';
import { judgeCredentials } from './judged-input.ts';
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
    const updated = await app.db.updateUser(prepared.update);
    settle(prepared);
    return shownUser(updated, options.withIdentities ?? false);
  } catch (error) {
    throw await explain(app, prepared, error);
  }
}

/** The user as an update left them, with the identities where they were asked for. */
export function shownUser({ user, identities }: UpdatedUser, withIdentities: boolean): UserWithIdentities {
  return withIdentities ? { identities: [...identities], ...user } : user;
}

/** An update that may be made, as far as can be said before the transaction: judged, and with its password hashed. */
export interface PreparedUpdate {
  /** What the database decides and writes. */
  readonly update: UserUpdate;
  /** The values that no other user may have. */
  readonly claimed: UniqueValues;
  /** What it does, as it was decided last; null where nothing changes, and where it was refused. */
  decided: DecidedRows | null;
  /** What it was refused with when it was decided last, or null. */
  refusal: DomainError | null;
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
  if (self) await app.ownUpdateLimits.assertAllowed(self);
  const parsed = parseInput(updateFields, input);
  const credentials = hasCredentials(parsed.fields)
    ? await prepareCredentials(app, actor, id, parsed, { expectedVersion })
    : noCredentials;
  assertNoIssues(parsed.issues);
  const { fields } = parsed;
  const update = { expectedVersion, id, actor, fields, ...credentials, policy: app.config, now: app.now() };
  return prepared(app, update, withIdentities);
}

function prepared(app: UsersApp, update: Update, withIdentities: boolean): PreparedUpdate {
  const { id, fields, password, verifiedHash } = update;
  const one: PreparedUpdate = {
    update: {
      id: lookupKey(id),
      reads: {
        password: (password ?? verifiedHash) !== null,
        identities: withIdentities || fields.email !== undefined || password !== null,
        session: sessionOf(update),
      },
      claims: fields.email !== undefined || fields.externalId !== undefined,
      decide(stored) {
        [one.decided, one.refusal] = [null, null];
        try {
          one.decided = decideWithRows(app, stored, update);
          return one.decided;
        } catch (error) {
          if (error instanceof DomainError) one.refusal = error;
          throw error;
        }
      },
    },
    claimed: { id, email: fields.email, externalId: fields.externalId },
    decided: null,
    refusal: null,
  };
  return one;
}

/** When it is committed: has what follows from it looked at, and answers whether anything changed. */
export function settle({ decided }: PreparedUpdate): boolean {
  decided?.wake();
  return decided !== null;
}

/** What a client hears of an error that the database threw. */
export async function explain({ db }: UsersApp, { claimed }: PreparedUpdate, error: unknown): Promise<unknown> {
  return isConflict(error) ? valuesTaken(await findConflicts(db, error, claimed)) : error;
}

type Credentials = Pick<Update, 'password' | 'verifiedHash'>;

const noCredentials: Credentials = { password: null, verifiedHash: null };

/** Throws every problem of the whole input; answers the hash to store, and the stored one that the given current password matched. */
async function prepareCredentials(
  app: UsersApp,
  actor: Actor,
  id: string,
  parsed: ParsedInput<typeof updateFields>,
  expectation: Expectation,
): Promise<Credentials> {
  const { fields } = parsed;
  const { issues, known, isAboutPassword } = await judgeCredentials(app, actor, id, parsed);
  assertNoIssues(issues);
  if (isAboutPassword) assertCurrent(known, id, expectation);
  const verifiedHash = await verifyCurrentPassword(app, known, fields.currentPassword, actor);
  return { verifiedHash, password: (await preparePassword(app, fields, actor)) ?? null };
}
