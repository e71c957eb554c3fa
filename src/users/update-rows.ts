import type { Identity, Password } from '../db/database.ts';
import type { EndedSessions, KeptIdentities, RowChange, UserRows } from '../db/user-rows.ts';
import type { Changes } from './changes.ts';
import type { Update } from './update.ts';

export interface UserChanges extends Changes {
  readonly id: string;
  /** Whether sessions of the user end, and the id of the one that does not. */
  readonly endsSessions: boolean;
  readonly keepSessionId: string | null;
}

/** The stored passwords of the users whose update brings one, or knew the current one. */
export async function readPasswords(rows: UserRows, updates: Update[]): Promise<Map<string, Password>> {
  const ids = updates.filter(({ password, verifiedHash }) => password ?? verifiedHash).map(({ id }) => id);
  if (ids.length === 0) return new Map();
  return new Map((await rows.passwordsOf(ids)).map((password) => [password.userId, password]));
}

/** The identities, oldest first, of the users whose update wants them in its answer. */
export async function readIdentities(rows: UserRows, updates: Update[]): Promise<Map<string, Identity[]>> {
  const ids = updates.filter(({ withIdentities }) => withIdentities).map(({ id }) => id);
  return ids.length === 0 ? new Map() : rows.identitiesOf(ids);
}

/** Writes what was decided: a statement for all users whose same columns change, one for the identities that go. */
export async function writeChanges(rows: UserRows, changes: UserChanges[]): Promise<void> {
  for (const group of groupByColumns(mergeByUser(changes))) await rows.update(group);
  const kept = changes.flatMap((change) => toKeptIdentities(change) ?? []);
  if (kept.length > 0) await rows.unlinkOthers(kept);
  const passwords = new Map(changes.flatMap((change) => toPassword(change) ?? []).map((row) => [row.userId, row]));
  if (passwords.size > 0) await rows.storePasswords([...passwords.values()]);
  const ended = changes.flatMap((change) => toEndedSessions(change) ?? []);
  if (ended.length > 0) await rows.endSessions(ended);
}

function toKeptIdentities({ id: userId, keepIdentitiesOf: emailCanonical }: UserChanges): KeptIdentities | null {
  return emailCanonical === null ? null : { userId, emailCanonical };
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
