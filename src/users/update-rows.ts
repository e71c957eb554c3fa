import type { Identity, Password } from '../db/database.ts';
import type { EndedSessions, RowChange, UserRows } from '../db/statements.ts';
import { lookupKey } from '../input/ids.ts';
import { actingUser, type UserPrincipal } from '../principal/principal.ts';
import { statusOf } from '../sessions/find.ts';
import type { Changes } from './changes.ts';
import type { Update } from './update.ts';

export interface UserChanges extends Changes {
  readonly id: string;
  /** The identities that go. */
  readonly unlinked: readonly Identity[];
  /** Whether sessions of the user end, and the id of the one that does not. */
  readonly endsSessions: boolean;
  readonly keepSessionId: string | null;
}

/** The users that are to be updated, each once. */
export function idsOf(updates: Update[]): string[] {
  return [...new Set(updates.map(({ id }) => lookupKey(id)))];
}

/** The stored passwords of the users whose update brings one, or knew the current one. */
export async function readPasswords(rows: UserRows, updates: Update[]): Promise<Map<string, Password>> {
  const ids = idsOf(updates.filter(({ password, verifiedHash }) => password ?? verifiedHash));
  if (ids.length === 0) return new Map();
  return new Map((await rows.passwordsOf(ids)).map((password) => [password.userId, password]));
}

/** The identities, oldest first, of the users whose update wants them in its answer, or may take some away. */
export async function readIdentities(rows: UserRows, updates: Update[]): Promise<Map<string, Identity[]>> {
  const ids = idsOf(updates.filter(({ withIdentities, fields }) => withIdentities || fields.email));
  return ids.length === 0 ? new Map() : rows.identitiesOf(ids);
}

/** An update by the session of a user whose password was being hashed while somebody may have revoked it. */
type SessionUpdate = Update & { readonly actor: UserPrincipal & { readonly sessionId: string } };

export function needsSession(update: Update): update is SessionUpdate {
  const { actor, password } = update;
  return password !== null && (actingUser(actor)?.sessionId ?? null) !== null;
}

/** The ids of those sessions that are still active. */
export async function readActiveSessions(rows: UserRows, updates: Update[]): Promise<Set<string>> {
  const asking = updates.filter(needsSession);
  const [first] = asking;
  if (!first) return new Set();
  const sessions = await rows.sessions(asking.map(({ actor }) => actor.sessionId));
  return new Set(sessions.filter((session) => statusOf(session, first.now) === 'active').map(({ id }) => id));
}

/** Writes what was decided: a statement for all users whose same columns change, one for the identities that go. */
export async function writeChanges(rows: UserRows, changes: UserChanges[]): Promise<void> {
  for (const group of groupByColumns(mergeByUser(changes))) await rows.update(group);
  const unlinked = changes.flatMap((change) => change.unlinked.map(({ id }) => id));
  if (unlinked.length > 0) await rows.unlink(unlinked);
  const passwords = new Map(changes.flatMap((change) => toPassword(change) ?? []).map((row) => [row.userId, row]));
  if (passwords.size > 0) await rows.storePasswords([...passwords.values()]);
  const ended = changes.flatMap((change) => toEndedSessions(change) ?? []);
  if (ended.length > 0) await rows.endSessions(ended);
}

function toEndedSessions({ id: userId, endsSessions, keepSessionId, data }: UserChanges): EndedSessions | null {
  return endsSessions ? { userId, id: keepSessionId, endedAt: data.updatedAt as Date } : null;
}

function toPassword({ id, password, data }: UserChanges): Password | null {
  return password && { userId: id, ...password, changedAt: data.updatedAt as Date };
}

/** Several updates of one user become one change of their row. */
function mergeByUser(changes: UserChanges[]): RowChange[] {
  const merged = new Map<string, RowChange>();
  for (const { id, data } of changes) merged.set(id, { ...merged.get(id), ...data, id });
  return [...merged.values()];
}

function groupByColumns(rows: RowChange[]): RowChange[][] {
  const groups = new Map<string, RowChange[]>();
  for (const row of rows) {
    const columns = Object.keys(row).sort().join();
    const group = groups.get(columns);
    if (group) group.push(row);
    else groups.set(columns, [row]);
  }
  return [...groups.values()];
}
