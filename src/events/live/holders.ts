import type { Database } from '../../db/database.ts';
import type { DomainError } from '../../errors.ts';
import type { ApiKeyPrincipal, Principal, UserPrincipal } from '../../principal/principal.ts';
import { invalidToken, unauthorized } from '../../principal/unauthorized.ts';

/** Who may follow events. */
export type Holder = ApiKeyPrincipal | UserPrincipal;

interface Held {
  readonly holder: Holder;
  end(this: void, error: DomainError): void;
}

/** Whose key is revoked, or whose token or session has ended: their streams end. One question of each kind for all of them. */
export async function endRevoked<T extends Held>(db: Pick<Database, 'reader'>, streams: Iterable<T>, now: Date) {
  const all = [...streams];
  const keys = await activeKeys(
    db,
    all.map(({ holder }) => (holder.kind === 'api-key' ? holder.id : null)),
  );
  const users = all.map(({ holder }) => holder).filter((holder) => holder.kind === 'user');
  const sessions = await activeSessions(db, users, now);
  const withoutSession = await knownUsers(db, users);
  const isActive = ({ userId, sessionId }: UserPrincipal) =>
    sessionId === null ? withoutSession.has(userId) : sessions.has(sessionId);
  for (const { holder, end } of all) {
    if (holder.kind === 'api-key') {
      if (!keys.has(holder.id)) end(unauthorized());
    } else if (hasExpired(holder, now) || !isActive(holder)) end(invalidToken());
  }
}

function hasExpired({ expiresAt }: UserPrincipal, now: Date): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

async function activeKeys({ reader }: Pick<Database, 'reader'>, given: (string | null)[]): Promise<Set<string>> {
  const ids = distinct(given);
  if (ids.length === 0) return new Set();
  const rows = await reader.apiKey.findMany({ where: { id: { in: ids }, revokedAt: null }, select: { id: true } });
  return new Set(rows.map(({ id }) => id));
}

async function activeSessions({ reader }: Pick<Database, 'reader'>, users: readonly UserPrincipal[], now: Date) {
  const ids = distinct(users.map(({ sessionId }) => sessionId));
  if (ids.length === 0) return new Set<string>();
  const where = { id: { in: ids }, endedAt: null, expiresAt: { gt: now } };
  const rows = await reader.session.findMany({ where, select: { id: true } });
  return new Set(rows.map(({ id }) => id));
}

/** Tokens of an external issuer have no session here. */
async function knownUsers({ reader }: Pick<Database, 'reader'>, users: readonly UserPrincipal[]) {
  const ids = distinct(users.map(({ sessionId, userId }) => (sessionId === null ? userId : null)));
  if (ids.length === 0) return new Set<string>();
  const rows = await reader.user.findMany({ where: { id: { in: ids } }, select: { id: true } });
  return new Set(rows.map(({ id }) => id));
}

function distinct(ids: readonly (string | null)[]): string[] {
  return [...new Set(ids)].filter((id) => id !== null);
}

/** Whose streams are counted together. */
export function holderId(holder: Principal): string {
  return holder.kind === 'user' ? holder.userId : holder.id;
}
