import type { EndedCodes } from './ended-codes.ts';
import type { Identity, Password, Session, User } from './models.ts';
import type { SessionsEnd } from './session-ends.ts';
import type { NewRows, UserRow } from './statements.ts';
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

/** What an update does to a user. */
export interface UserChanges {
  /** The new values of the user's own columns. */
  readonly data: Partial<User>;
  /** The ids of the identities that go. */
  readonly unlink: readonly string[];
  /** The password to store. */
  readonly password: Password | null;
  /** What ends sessions of the user. */
  readonly endSessions: SessionsEnd | null;
  /** The rows of what follows from it, in their order; of the sessions that it ended, the newest are known by then. */
  insert(endedSessions: readonly Session[]): Partial<NewRows>;
  /** The codes and tokens that are of no use any more. */
  readonly endCodes: EndedCodes;
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
  get(id: string, wanted: Wanted): StoredUser;
  change(id: string, changes: UserChanges): void;
}

interface Reading {
  readonly id: string;
  readonly reads: Wanted;
}

/** Reads what is wanted of all users, each kind of row with one statement. */
export async function readStored(
  { statements }: DirectTransaction,
  all: Reading[],
  locking: Locking,
): Promise<StoredUsers> {
  const idsOf = (readings: Reading[]) => [...new Set(readings.map(({ id }) => id))];
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
    get: (id, { session }) => ({
      user: users.get(id) ?? null,
      password: passwords.get(id) ?? null,
      identities: identities.get(id) ?? [],
      session: (session !== null && sessions.get(session)) || null,
    }),
    change(id, { data, unlink, password }) {
      users.set(id, { ...(users.get(id) as User), ...data });
      identities.set(id, identities.get(id)?.filter((identity) => !unlink.includes(identity.id)) ?? []);
      if (password) passwords.set(id, password);
    },
  };
}

/**
 * Writes what was decided, in this order, each kind of row with one statement; users by which of their columns change, and
 * whoever takes a value after whoever gave it up.
 */
export async function writeChanges({ statements }: DirectTransaction, decided: readonly Decided[]): Promise<void> {
  for (const turn of inTurns(decided)) {
    for (const group of groupByColumns(mergeByUser(turn))) await statements.update(group);
  }
  const changes = decided.map(({ changes: change }) => change);
  await statements.deleteIdentities(changes.flatMap(({ unlink }) => unlink));
  const passwords = new Map(changes.flatMap(({ password }) => (password ? [[password.userId, password]] : [])));
  await statements.storePasswords([...passwords.values()]);
  await statements.endCodes(changes.map(({ endCodes }) => endCodes));
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

/** Several changes of one user become one of their row. */
function mergeByUser(decided: readonly Decided[]): UserRow[] {
  const merged = new Map<string, UserRow>();
  for (const { before, changes } of decided) {
    merged.set(before.id, { ...merged.get(before.id), ...changes.data, id: before.id });
  }
  return [...merged.values()];
}

function groupByColumns(rows: UserRow[]): UserRow[][] {
  const groups = new Map<string, UserRow[]>();
  for (const row of rows) {
    const columns = Object.keys(row).sort().join();
    const group = groups.get(columns);
    if (group) group.push(row);
    else groups.set(columns, [row]);
  }
  return [...groups.values()];
}
