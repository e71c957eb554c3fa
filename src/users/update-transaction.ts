import type { Database, User } from '../db/database.ts';
import { LockTimeout, unavailable } from '../db/errors.ts';
import type { UserRows } from '../db/statements.ts';
import type { UserWithIdentities } from '../db/user-reads.ts';
import { DomainError } from '../errors.ts';
import { actingUser } from '../principal/principal.ts';
import { invalidToken } from '../principal/unauthorized.ts';
import { type Changes, decideChanges, divideIdentities, endsSessions, type Stored } from './changes.ts';
import { findConflicts, isConflict, valuesTaken } from './conflicts.ts';
import { wrongCurrentPassword } from './current-password.ts';
import type { Update } from './update.ts';
import {
  idsOf,
  needsSession,
  readActiveSessions,
  readIdentities,
  readPasswords,
  type UserChanges,
  writeChanges,
} from './update-rows.ts';
import { assertCurrent } from './user-errors.ts';

/** What came of an update: the user as it left them, or why it was refused. */
export type Outcome = { readonly user: UserWithIdentities } | { readonly refusal: unknown };

/** Whether to wait a while for a user whom another transaction holds, or to leave their updates, which have no outcome then. */
export type Locking = 'wait' | 'skip';

/** So long a user is waited for, in ms. */
const patienceMs = 250;
/** So long a value that must be unique, or another row than the user's, is waited for together with others, in ms. */
const lockTimeoutMs = 25;

/**
 * Applies updates in their order, in one transaction: reads all users under a lock, decides each update on what the ones
 * before it made of them, writes all. A refused one harms no other: where the database itself refuses, because a value must
 * be unique, nothing of the batch is written, and each is tried in a transaction of its own. An update that would have to
 * wait longer for another transaction has no outcome.
 */
export async function applyUpdates(db: Database, updates: Update[], locking: Locking): Promise<(Outcome | null)[]> {
  if (giveUniqueValuesInTurn(updates)) return applyOneByOne(db, updates, locking);
  try {
    return await db.withUserRows((rows) => applyTogether(rows, updates, locking), timeoutOf(updates, locking));
  } catch (error) {
    if (error instanceof DomainError) throw error; // the database is busy or away, for all of them
    if (updates.length > 1) return applyOneByOne(db, updates, 'skip');
    return [error instanceof LockTimeout ? null : { refusal: await explain(db, updates[0] as Update, error) }];
  }
}

function timeoutOf(updates: Update[], locking: Locking): number | undefined {
  if (locking === 'wait') return patienceMs;
  return updates.some(mayHaveToWait) ? lockTimeoutMs : undefined;
}

/** Whether an update touches more than the row of its user, which is locked: another transaction may hold that. */
export function mayHaveToWait({ fields, password }: Update): boolean {
  return fields.email !== undefined || fields.externalId !== undefined || password !== null;
}

async function explain(db: Database, { id, fields }: Update, error: unknown): Promise<unknown> {
  return isConflict(error) ? valuesTaken(await findConflicts(db, error, { id, ...fields })) : error;
}

/**
 * What is committed stays answered, whatever comes after it. When the database is busy or away, the rest is not tried, or
 * each of them would wait for the same.
 */
async function applyOneByOne(db: Database, updates: Update[], locking: Locking): Promise<(Outcome | null)[]> {
  const outcomes: (Outcome | null)[] = [];
  for (const update of updates) {
    try {
      outcomes.push(...(await applyUpdates(db, [update], locking)));
    } catch (refusal) {
      const rest = updates.slice(outcomes.length + 1);
      return [...outcomes, { refusal }, ...rest.map(() => ({ refusal: unavailable() }))];
    }
  }
  return outcomes;
}

/** Of two unique values that one user is given in turn, the database would see, and judge, only the last. Null is one. */
function giveUniqueValuesInTurn(updates: Update[]): boolean {
  const giving = updates.filter(({ fields }) => fields.email !== undefined || fields.externalId !== undefined);
  return new Set(giving.map(({ id }) => id)).size < giving.length;
}

/** What updates are decided on, as it is and as it stays until the end of the transaction. */
async function readStored(rows: UserRows, updates: Update[], locking: Locking) {
  const ids = idsOf(updates);
  const [users, passwords, identities, activeSessions] = await Promise.all([
    locking === 'wait' ? rows.lock(ids) : rows.lockAvailable(ids),
    readPasswords(rows, updates),
    readIdentities(rows, updates),
    readActiveSessions(rows, updates),
  ]);
  return {
    users: new Map(users.map((user) => [user.id, user])),
    passwords: new Map<string, Stored['password']>(passwords),
    identities,
    activeSessions,
  };
}

async function applyTogether(rows: UserRows, updates: Update[], locking: Locking): Promise<(Outcome | null)[]> {
  const { users, passwords, identities, activeSessions } = await readStored(rows, updates, locking);
  const changes: UserChanges[] = [];

  function apply(update: Update): UserWithIdentities {
    const user = users.get(update.id);
    assertCurrent(user, update.id, update);
    if (needsSession(update) && !activeSessions.has(update.actor.sessionId)) throw invalidToken();
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

  const isLeft = ({ id }: Update) => locking === 'skip' && !users.has(id);
  const outcomes = updates.map((update) => (isLeft(update) ? null : attempt(() => apply(update))));
  await writeChanges(rows, changes);
  return outcomes;
}

function sessionsAfter(change: Changes, { actor, sessionPolicy }: Update) {
  return {
    endsSessions: endsSessions(change, sessionPolicy),
    keepSessionId: actingUser(actor)?.sessionId ?? null,
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
