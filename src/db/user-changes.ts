import type { EndedCodes } from './ended-codes.ts';
import type { Identity, Password, Session, User } from './models.ts';
import type { SessionsEnd } from './session-ends.ts';
import type { NewRows } from './statements.ts';
import type { DirectTransaction } from './transactions.ts';
import { inTurns } from './turns.ts';

/** What the decision about an update needs besides the user. */
export interface Wanted {
  readonly password: boolean;
  readonly identities: boolean;
  /** The id of a session. */
  readonly session: string | null;
}

/** What an update is decided on, as it is and as it stays until the end of the transaction. */
export interface StoredUser {
  readonly user: User | null;
  /** Null, none and null, where they are not wanted. */
  readonly password: Password | null;
  readonly identities: readonly Identity[];
  readonly session: Session | null;
}

/** The user as an update left them; their identities where it asked for them. */
export interface UpdatedUser {
  readonly user: User;
  readonly identities: readonly Identity[];
}

/** What an update does to a user. */
export interface UserChanges {
  /** The user as they will be. */
  readonly user: User;
  /** The new values of the user's own columns: all in which they will differ. */
  readonly data: Partial<User>;
  /** The ids of the identities that go. */
  readonly unlink: readonly string[];
  /** The password to store. */
  readonly password: Password | null;
  /** What ends sessions of the user. */
  readonly endSessions: SessionsEnd | null;
  /** The rows of what follows from it, in their order; of the sessions that it ended, the newest are known by then. */
  insert(endedSessions: readonly Session[]): Partial<NewRows>;
  /** The codes and tokens that are of no use any more; null where all are as they were. */
  readonly endCodes: EndedCodes | null;
}

/** What was decided about a user, and the row that it was decided on. */
export interface Decided {
  readonly before: User;
  readonly changes: UserChanges;
}

/** Whether to wait a while for a user whom another transaction holds, or to leave them, as if they were not there. */
export type Locking = 'wait' | 'skip';

/** The stored rows of many users, and what the changes so far have made of them. */
export interface StoredUsers {
  has(id: string): boolean;
  get(id: string, wanted: Wanted): StoredUser;
  change(changes: UserChanges): void;
  /** The user as they are by now. */
  updated(id: string): UpdatedUser;
}

interface Reading {
  readonly id: string;
  readonly reads: Wanted;
}

/** Reads what is wanted of all users, each kind of row with one statement. */
export async function readStored(
  { statements }: DirectTransaction,
  all: readonly Reading[],
  locking: Locking,
): Promise<StoredUsers> {
  const idsOf = (readings: readonly Reading[]) => [...new Set(readings.map(({ id }) => id))];
  const read = <Rows>(ids: string[], ask: (ids: string[]) => Promise<Rows>) => (ids.length > 0 ? ask(ids) : null);
  const [rows, passwordRows, identityRows, sessionRows] = await Promise.all([
    locking === 'wait' ? statements.lock(idsOf(all)) : statements.lockAvailable(idsOf(all)),
    read(idsOf(all.filter(({ reads }) => reads.password)), statements.passwordsOf),
    read(idsOf(all.filter(({ reads }) => reads.identities)), statements.identitiesOf),
    read(
      all.flatMap(({ reads }) => reads.session ?? []),
      statements.sessions,
    ),
  ]);
  const users = new Map(rows.map((user) => [user.id, user]));
  const passwords = new Map(passwordRows?.map((password) => [password.userId, password]));
  const identities = new Map(identityRows);
  const sessions = new Map(sessionRows?.map((session) => [session.id, session]));

  return {
    has: (id) => users.has(id),
    get: (id, { session }) => ({
      user: users.get(id) ?? null,
      password: passwords.get(id) ?? null,
      identities: identities.get(id) ?? [],
      session: (session !== null && sessions.get(session)) || null,
    }),
    change({ user, unlink, password }) {
      users.set(user.id, user);
      if (unlink.length > 0) identities.set(user.id, without(unlink, identities.get(user.id)));
      if (password) passwords.set(user.id, password);
    },
    updated: (id) => ({ user: users.get(id) as User, identities: identities.get(id) ?? [] }),
  };
}

function without(ids: readonly string[], identities: readonly Identity[] = []): Identity[] {
  return identities.filter(({ id }) => !ids.includes(id));
}

/**
 * Writes what was decided, in this order, each kind of row with one statement; users by which of their columns change, and
 * whoever takes a value after whoever gave it up.
 */
export async function writeChanges({ statements }: DirectTransaction, decided: readonly Decided[]): Promise<void> {
  for (const turn of inTurns(decided)) {
    for (const { fields, users } of groupByFields(mergeByUser(turn))) await statements.update(users, fields);
  }
  const changes = decided.map(({ changes: change }) => change);
  await statements.deleteIdentities(changes.flatMap(({ unlink }) => unlink));
  const passwords = new Map(changes.flatMap(({ password }) => (password ? [[password.userId, password]] : [])));
  await statements.storePasswords([...passwords.values()]);
  await statements.endCodes(changes.flatMap(({ endCodes }) => endCodes ?? []));
  const ended = await statements.endSessions(changes.flatMap(({ endSessions }) => endSessions ?? []));
  await statements.insert(mergeRows(changes.map((change) => change.insert(endedBy(change, ended)))));
}

/** Those of all that were ended which a change ended: where several changes end a user's, it is told by their moments. */
function endedBy({ endSessions }: UserChanges, ended: readonly Session[]): Session[] {
  if (!endSessions) return [];
  const { userId, endedAt } = endSessions;
  return ended.filter((session) => session.userId === userId && session.endedAt === endedAt);
}

function mergeRows(all: readonly Partial<NewRows>[]): NewRows {
  return {
    mailMessage: all.flatMap(({ mailMessage = [] }) => mailMessage),
    job: all.flatMap(({ job = [] }) => job),
    event: all.flatMap(({ event = [] }) => event),
  };
}

/** A user as they will be, and in which fields they differ. */
interface ChangedUser {
  readonly user: User;
  readonly fields: readonly string[];
}

/** Several changes of one user become one of their row. */
function mergeByUser(decided: readonly Decided[]): Iterable<ChangedUser> {
  const merged = new Map<string, ChangedUser>();
  for (const { changes } of decided) {
    const { user, data } = changes;
    const earlier = merged.get(user.id);
    const fields = Object.keys(data);
    merged.set(user.id, { user, fields: earlier ? [...new Set([...earlier.fields, ...fields])] : fields });
  }
  return merged.values();
}

interface Group {
  readonly fields: readonly string[];
  readonly users: User[];
}

/** Decisions name fields in one order; another one would make another statement, and no other change. */
function groupByFields(changed: Iterable<ChangedUser>): Iterable<Group> {
  const groups = new Map<string, Group>();
  for (const { user, fields } of changed) {
    const key = fields.join();
    const group = groups.get(key);
    if (group) group.users.push(user);
    else groups.set(key, { fields, users: [user] });
  }
  return groups.values();
}
