import type { KeyObject } from 'node:crypto';
import { importJWK, type JWK } from 'jose';
import type { Logger } from 'pino';
import type { Database, SigningKey } from '../db/database.ts';
import { DomainError, OperatorError } from '../errors.ts';
import type { Secrets } from '../secrets/secrets.ts';
import type { TokenAlgorithm } from './new-signing-key.ts';
import { decryptPrivateKey } from './private-keys.ts';
import { acceptedUntil, algorithmOf, makeMissingSigningKey, readSigningKeys } from './signing-key-rows.ts';
import { signingKeyMaxAgeMs } from './token-times.ts';

/** Tokens with keys that do not exist make one look at the database in this time, however many there are. */
const unknownKeyPauseMs = 1000;

/** A public key, which verifies what was signed with its own algorithm alone. */
export interface VerificationKey {
  readonly algorithm: TokenAlgorithm;
  readonly key: Awaited<ReturnType<typeof importJWK>>;
}

export interface Signer {
  readonly id: string;
  readonly algorithm: TokenAlgorithm;
  readonly privateKey: KeyObject;
}

export interface SigningKeys {
  /** Makes a key of the algorithm that is set, where none of it signs. Throws OperatorError when the key cannot be decrypted. */
  prepare(now: Date): Promise<void>;
  /** The key that signs. Throws `service_unavailable` when it cannot be decrypted. */
  signer(now: Date): Promise<Signer>;
  /** The public key with this id, or null where none is accepted under it. */
  find(id: string, now: Date): Promise<VerificationKey | null>;
  /** Every accepted public key, as a JSON Web Key Set (RFC 7517). */
  keySet(now: Date): Promise<{ keys: JWK[] }>;
}

interface KnownKey {
  readonly row: SigningKey;
  readonly jwk: JWK;
  readonly publicKey: VerificationKey;
}

/** The keys of access tokens, as this process knows them; they may have changed for two seconds. */
export function createSigningKeys(db: Database, secrets: Secrets, log: Logger, algorithm: TokenAlgorithm): SigningKeys {
  let loading: Promise<readonly KnownKey[]> | null = null;
  let loadedAt = Number.NEGATIVE_INFINITY;
  let lookedAgainAt = Number.NEGATIVE_INFINITY;
  let signing: Signer | null = null;

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

  function known(): Promise<readonly KnownKey[]> {
    return loading && performance.now() - loadedAt < signingKeyMaxAgeMs ? loading : load();
  }

  /** A key that another process has just made is not known here yet. */
  async function lookAgain(id: string): Promise<KnownKey | undefined> {
    if (performance.now() - lookedAgainAt < unknownKeyPauseMs) return undefined;
    lookedAgainAt = performance.now();
    return (await load()).find(({ row }) => row.id === id);
  }

  async function makeMissing(now: Date): Promise<void> {
    await makeMissingSigningKey(db, secrets, algorithm, now);
    await load();
  }

  async function currentSigner(now: Date): Promise<Signer> {
    if (!(await known()).some(isSigning)) await makeMissing(now);
    const { row } = (await known()).find(isSigning) as KnownKey;
    if (signing?.id !== row.id) {
      const privateKey = decryptPrivateKey(row.encryptedPrivateKey, row.id, secrets);
      signing = { id: row.id, algorithm: algorithmOf(row), privateKey };
    }
    return signing;
  }

  return {
    async prepare(now) {
      // Only a start changes the algorithm: processes that differ in it for a while would retire each other's keys.
      const signing = (await known()).filter(isSigning);
      if (!signing.some(({ row }) => algorithmOf(row) === algorithm)) await makeMissing(now);
      await currentSigner(now);
    },
    async signer(now) {
      try {
        return await currentSigner(now);
      } catch (error) {
        if (!(error instanceof OperatorError)) throw error;
        log.error({ err: error }, 'the signing key was made with another SIGNING_KEY_SECRET than this process has');
        throw new DomainError('service_unavailable', 'No access token can be made at the moment.');
      }
    },
    async find(id, now) {
      const key = (await known()).find(({ row }) => row.id === id) ?? (await lookAgain(id));
      return key && isAccepted(key, now) ? key.publicKey : null;
    },
    async keySet(now) {
      return { keys: (await known()).filter((key) => isAccepted(key, now)).map(({ jwk }) => jwk) };
    },
  };
}

function isSigning({ row }: KnownKey): boolean {
  return row.retiredAt === null;
}

function isAccepted({ row }: KnownKey, now: Date): boolean {
  const until = acceptedUntil(row);
  return until === null || now < until;
}

async function knowKey(row: SigningKey): Promise<KnownKey> {
  const jwk = JSON.parse(row.publicKey) as JWK;
  const algorithm = algorithmOf(row);
  return { row, jwk, publicKey: { algorithm, key: await importJWK(jwk, algorithm) } };
}
