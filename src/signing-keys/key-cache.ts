import { importJWK, type JWK } from 'jose';
import type { Database, SigningKey } from '../db/database.ts';
import type { TokenAlgorithm } from './new-signing-key.ts';
import { algorithmOf, readSigningKeys } from './signing-key-rows.ts';
import { signingKeyMaxAgeMs } from './token-times.ts';

/** Tokens with keys that do not exist make one look at the database in this time, however many there are. */
const unknownKeyPauseMs = 1000;

/** A public key, which verifies what was signed with its own algorithm alone. */
export interface VerificationKey {
  readonly algorithm: TokenAlgorithm;
  readonly key: Awaited<ReturnType<typeof importJWK>>;
}

export interface KnownKey {
  readonly row: SigningKey;
  readonly jwk: JWK;
  readonly publicKey: VerificationKey;
}

/** The stored keys, as this process knows them. */
export interface KeyCache {
  all(): Promise<readonly KnownKey[]>;
  /** The key with this id, which another process may have made just now. */
  find(id: string): Promise<KnownKey | undefined>;
  /** Reads them again. */
  load(): Promise<readonly KnownKey[]>;
}

export function createKeyCache(db: Database): KeyCache {
  let loading: Promise<readonly KnownKey[]> | null = null;
  let loadedAt = Number.NEGATIVE_INFINITY;
  let lookedAgainAt = Number.NEGATIVE_INFINITY;

  /** All who ask at once wait for one answer; a failed one is not kept. */
  function load(): Promise<readonly KnownKey[]> {
    loadedAt = performance.now();
    const reading = readSigningKeys(db).then((rows) => Promise.all(rows.map(knowKey)));
    reading.catch(() => {
      if (loading === reading) loading = null;
    });
    loading = reading;
    return reading;
  }

  function all(): Promise<readonly KnownKey[]> {
    return loading && performance.now() - loadedAt < signingKeyMaxAgeMs ? loading : load();
  }

  /** A key that another process has just made is not known here yet. */
  async function lookAgain(id: string): Promise<KnownKey | undefined> {
    if (performance.now() - lookedAgainAt < unknownKeyPauseMs) return undefined;
    lookedAgainAt = performance.now();
    return (await load()).find(({ row }) => row.id === id);
  }

  return { all, load, find: async (id) => (await all()).find(({ row }) => row.id === id) ?? (await lookAgain(id)) };
}

async function knowKey(row: SigningKey): Promise<KnownKey> {
  const jwk = JSON.parse(row.publicKey) as JWK;
  const algorithm = algorithmOf(row);
  return { row, jwk, publicKey: { algorithm, key: await importJWK(jwk, algorithm) } };
}
