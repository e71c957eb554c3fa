import type { App } from '../app.ts';
import type { Principal } from '../auth/principal.ts';
import { createBatcher } from '../db/batch.ts';
import type { Database, Prisma, User } from '../db/database.ts';
import type { UserWithIdentities } from '../db/user-reads.ts';
import type { UserRows } from '../db/user-rows.ts';
import { DomainError } from '../errors.ts';
import type { StoredPassword } from '../passwords/stored-password.ts';
import { assertMayUpdate } from './access.ts';
import {
  type Changes,
  decideChanges,
  divideIdentities,
  endsSessions,
  type SessionPolicy,
  type Stored,
} from './changes.ts';
import { findCredentialIssues, preparePassword } from './credentials.ts';
import {
  findCurrentPasswordIssues,
  findWithPassword,
  verifyCurrentPassword,
  wrongCurrentPassword,
} from './current-password.ts';
import { type ParsedFields, updateFields } from './fields.ts';
import { parseInput } from './input.ts';
import { assertNoIssues } from './malformed.ts';
import { findConflict, userNotFound, versionMismatch } from './refusals.ts';
import { idsOf, readIdentities, readPasswords, type UserChanges, writeChanges } from './update-rows.ts';

/** What the caller wants back, in Prisma's words. */
export type UserQuery = Pick<Prisma.UserDefaultArgs, 'select' | 'include'>;

export interface UpdateOptions {
  /** Refuses the update when the stored version is another one. */
  readonly expectedVersion?: number | null | undefined;
  /** Who asks. Omitted: Roster itself, which may set everything. */
  readonly principal?: Principal;
  /** Whether the answer has the user's `identities`, too. */
  readonly withIdentities?: boolean;
}

/** An update that is well-formed, and whose password is hashed. */
export interface Update extends UpdateOptions {
  readonly id: string;
  readonly fields: ParsedFields;
  readonly password: StoredPassword | null;
  /** The stored hash that the given current password matched. */
  readonly verifiedHash: string | null;
  readonly sessionPolicy: SessionPolicy;
  readonly now: Date;
}

type Outcome = { readonly user: UserWithIdentities } | { readonly refusal: DomainError };

/** So many updates share one transaction at most. */
const maxBatch = 64;

/**
 * Updates a user: omitted fields stay, null clears, and everything happens in one transaction or not at all.
 * Promises and codes are WorkOS's "Update a user"; every refusal is a DomainError and leaves nothing behind.
 */
export async function updateUser(
  app: App,
  id: string,
  input: unknown,
  options: UpdateOptions = {},
): Promise<UserWithIdentities> {
  const { principal } = options;
  if (principal) assertMayUpdate(principal, id, input);
  const { fields, issues } = parseInput(updateFields, input);
  const isAboutPassword = fields.password !== undefined || fields.currentPassword !== undefined;
  const known = isAboutPassword ? await findWithPassword(app, id) : null;
  issues.push(...(await findCredentialIssues(app, fields, known ?? {})));
  if (principal?.kind === 'user') issues.push(...findCurrentPasswordIssues(fields));
  assertNoIssues(issues);
  if (isAboutPassword) assertCurrent(known, id, options);
  const verifiedHash = await verifyCurrentPassword(app, known, fields.currentPassword, principal);
  const password = (await preparePassword(app, fields)) ?? null;
  const update = { ...options, id, fields, password, verifiedHash, sessionPolicy: app.config, now: app.now() };
  const outcome = await queueOf(app.db)(update);
  if ('refusal' in outcome) throw outcome.refusal;
  return outcome.user;
}

const queues = new WeakMap<Database, (update: Update) => Promise<Outcome>>();

/** Updates that arrive together are written together: see `applyUpdates`. */
function queueOf(db: Database) {
  const known = queues.get(db);
  if (known) return known;
  const queue = createBatcher((updates: Update[]) => applyUpdates(db, updates), maxBatch);
  queues.set(db, queue);
  return queue;
}

/**
 * Applies updates in their order, in one transaction: reads all users under a lock, decides each update on what the ones
 * before it made of them, writes all. A refused one harms no other: where the database itself refuses, because a value must
 * be unique, nothing of the batch is written, and each is tried in a transaction of its own.
 */
async function applyUpdates(db: Database, updates: Update[]): Promise<Outcome[]> {
  if (giveUniqueValuesInTurn(updates)) return applyOneByOne(db, updates);
  try {
    return await db.withUserRows((rows) => applyTogether(rows, updates));
  } catch (error) {
    const conflict = findConflict(error);
    if (!conflict) throw error;
    if (updates.length > 1) return applyOneByOne(db, updates);
    return [{ refusal: new DomainError(conflict.code, conflict.message, { field: conflict.field }) }];
  }
}

async function applyOneByOne(db: Database, updates: Update[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const update of updates) outcomes.push(...(await applyUpdates(db, [update])));
  return outcomes;
}

/** Of two unique values that one user is given in turn, the database would see, and judge, only the last. */
function giveUniqueValuesInTurn(updates: Update[]): boolean {
  const ids = updates.filter(({ fields }) => fields.email ?? fields.externalId).map(({ id }) => id);
  return new Set(ids).size < ids.length;
}

async function applyTogether(rows: UserRows, updates: Update[]): Promise<Outcome[]> {
  const [locked, storedPasswords, identities] = await Promise.all([
    rows.lock(idsOf(updates)),
    readPasswords(rows, updates),
    readIdentities(rows, updates),
  ]);
  const users = new Map(locked.map((user) => [user.id, user]));
  const passwords = new Map<string, Stored['password']>(storedPasswords);
  const changes: UserChanges[] = [];

  function apply(update: Update): UserWithIdentities {
    const user = users.get(update.id);
    assertCurrent(user, update.id, update);
    const stored = { user, password: passwords.get(update.id) ?? null };
    if (update.verifiedHash !== null && stored.password?.hash !== update.verifiedHash) throw wrongCurrentPassword();
    const change = decideChanges(stored, update.fields, update.password, update.now);
    if (change) {
      const { kept, unlinked } = divideIdentities(identities.get(user.id) ?? [], change);
      changes.push({ id: user.id, ...change, unlinked, ...sessionsAfter(change, update) });
      users.set(user.id, { ...user, ...change.data });
      if (change.password) passwords.set(user.id, change.password);
      identities.set(user.id, kept);
    }
    const updated = users.get(user.id) as User;
    return update.withIdentities ? { ...updated, identities: identities.get(user.id) ?? [] } : updated;
  }

  const outcomes = updates.map((update) => attempt(() => apply(update)));
  await writeChanges(rows, changes);
  return outcomes;
}

function sessionsAfter(change: Changes, { principal, sessionPolicy }: Update) {
  return {
    endsSessions: endsSessions(change, sessionPolicy),
    keepSessionId: principal?.kind === 'user' ? principal.sessionId : null,
  };
}

function attempt(work: () => UserWithIdentities): Outcome {
  try {
    return { user: work() };
  } catch (error) {
    if (error instanceof DomainError) return { refusal: error };
    throw error;
  }
}

function assertCurrent<T extends User>(
  user: T | null | undefined,
  id: string,
  { expectedVersion }: UpdateOptions,
): asserts user is T {
  if (!user) throw userNotFound(id);
  if (typeof expectedVersion === 'number' && user.version !== expectedVersion) throw versionMismatch(user.version);
}
