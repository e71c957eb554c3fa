import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Database } from '../db/database.ts';
import { DomainError } from '../errors.ts';
import { newId } from '../input/ids.ts';
import type { ApiKeyPrincipal } from '../principal/principal.ts';
import { allScopes, isScope, type Scope } from '../principal/scopes.ts';
import { unauthorized } from '../principal/unauthorized.ts';

/** A revoked key is refused after this long at the latest, in every process. */
const cacheMs = 2000;
const maxCachedKeys = 10_000;

export interface ApiKeySummary {
  readonly id: string;
  readonly name: string;
  /** Separated by spaces. */
  readonly scopes: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

export interface ApiKeys {
  /** Makes a key, with every scope where none is given, and answers it. It is not stored and cannot be shown again. */
  create(name: string, scopes?: readonly Scope[]): Promise<{ id: string; key: string }>;
  /** All keys, oldest first. */
  list(): Promise<ApiKeySummary[]>;
  /** Revokes the key with this id; throws `entity_not_found`. */
  revoke(id: string): Promise<void>;
  /** The holder of the key in an `Authorization` header (RFC 6750); throws `unauthorized`. */
  authenticate(authorization: string | null): Promise<ApiKeyPrincipal>;
}

const summary = { id: true, name: true, scopes: true, createdAt: true, lastUsedAt: true, revokedAt: true };

interface CachedKey {
  readonly principal: ApiKeyPrincipal;
  readonly checkedAt: number;
}

/** The holders of keys, by the digests of those. */
function createKeyCache(db: Database) {
  const cached = new Map<string, CachedKey>();
  return {
    /** The holder, where they were read a moment ago. */
    find(hash: string): ApiKeyPrincipal | undefined {
      const known = cached.get(hash);
      return known && performance.now() - known.checkedAt < cacheMs ? known.principal : undefined;
    },
    /** Throws `unauthorized`. */
    async read(hash: string): Promise<ApiKeyPrincipal> {
      cached.delete(hash);
      const principal = await readHolder(db, hash);
      if (cached.size >= maxCachedKeys) cached.clear();
      cached.set(hash, { principal, checkedAt: performance.now() });
      return principal;
    },
    clear: () => cached.clear(),
  };
}

async function readHolder(db: Database, hash: string): Promise<ApiKeyPrincipal> {
  const stored = await db.reader.apiKey.findUnique({ where: { hash } });
  if (!stored || stored.revokedAt || !equalDigests(stored.hash, hash)) throw unauthorized();
  const { id, name, scopes } = stored;
  return { kind: 'api-key', id, name, scopes: scopes.split(' ').filter(isScope) };
}

/** `onUse` is told the id of each key that is used. */
export function createApiKeys(db: Database, now: () => Date, onUse = (_id: string) => {}): ApiKeys {
  const cache = createKeyCache(db);

  return {
    async create(name, scopes = allScopes) {
      const key = `sk_${randomBytes(32).toString('base64url')}`;
      const { id, createdAt } = newId('key', now());
      await db.transaction((tx) =>
        tx.prisma.apiKey.create({ data: { id, name, scopes: scopes.join(' '), hash: digest(key), createdAt } }),
      );
      return { id, key };
    },
    list: () => db.reader.apiKey.findMany({ orderBy: { id: 'asc' }, select: summary }),
    async revoke(id) {
      const { count } = await db.transaction((tx) =>
        tx.prisma.apiKey.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: now() } }),
      );
      if (count === 0)
        throw new DomainError('entity_not_found', `There is no active API key '${id}'.`, { entityId: id });
      cache.clear();
    },
    async authenticate(authorization) {
      const key = /^Bearer +(sk_[\w-]{43})$/i.exec(authorization ?? '')?.[1];
      if (!key) throw unauthorized();
      const digested = digest(key);
      const principal = cache.find(digested) ?? (await cache.read(digested));
      onUse(principal.id);
      return principal;
    },
  };
}

function digest(key: string): string {
  return hash('sha256', key, 'hex');
}

function equalDigests(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'));
}
