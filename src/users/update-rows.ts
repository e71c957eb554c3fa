import type { Database, Identity, Password, Transaction } from '../db/database.ts';
import type { RowChange } from '../db/user-rows.ts';
import type { Changes } from './changes.ts';
import type { Update } from './update.ts';

export type UserChanges = Changes & { readonly id: string };

/** The stored passwords of the users whose update brings one. */
export async function readPasswords(tx: Transaction, updates: Update[]): Promise<Map<string, Password>> {
  const ids = updates.filter(({ password }) => password).map(({ id }) => id);
  if (ids.length === 0) return new Map();
  const passwords = await tx.password.findMany({ where: { userId: { in: ids } } });
  return new Map(passwords.map((password) => [password.userId, password]));
}

/** The identities, oldest first, of the users whose update wants them in its answer. */
export async function readIdentities(tx: Transaction, updates: Update[]): Promise<Map<string, Identity[]>> {
  const ids = updates.filter(({ withIdentities }) => withIdentities).map(({ id }) => id);
  if (ids.length === 0) return new Map();
  const identities = new Map<string, Identity[]>(ids.map((id) => [id, []]));
  const found = await tx.identity.findMany({ where: { userId: { in: ids } }, orderBy: { id: 'asc' } });
  for (const identity of found) identities.get(identity.userId)?.push(identity);
  return identities;
}

/** Writes what was decided: a statement for all users whose same columns change, one for the identities that go. */
export async function writeChanges(db: Database, tx: Transaction, changes: UserChanges[]): Promise<void> {
  for (const rows of groupByColumns(mergeByUser(changes))) await db.userRows.write(tx, rows);
  const unlinked = changes.filter(({ keepIdentitiesOf }) => keepIdentitiesOf !== null);
  if (unlinked.length > 0) await tx.identity.deleteMany({ where: { OR: unlinked.map(matchesNoLonger) } });
  for (const { id: userId, password, data } of changes) {
    if (!password) continue;
    const row = { ...password, changedAt: data.updatedAt as Date };
    await tx.password.upsert({ where: { userId }, create: { userId, ...row }, update: row });
  }
}

function matchesNoLonger({ id, keepIdentitiesOf }: UserChanges) {
  return { userId: id, OR: [{ emailCanonical: null }, { emailCanonical: { not: keepIdentitiesOf as string } }] };
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
