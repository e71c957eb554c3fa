import type { KeyObject } from 'node:crypto';
import type { JWK } from 'jose';
import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import { DomainError, OperatorError } from '../errors.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { createKeyCache, type KeyCache, type KnownKey, type VerificationKey } from './key-cache.ts';
import type { TokenAlgorithm } from './new-signing-key.ts';
import { decryptPrivateKey } from './private-keys.ts';
import { acceptedUntil, algorithmOf, makeMissingSigningKey } from './signing-key-rows.ts';

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

/** The key that signs in this process. Both throw OperatorError when it cannot be decrypted. */
function createCurrentSigner(db: Database, secrets: Secrets, algorithm: TokenAlgorithm, known: KeyCache) {
  let signing: Signer | null = null;

  async function makeMissing(now: Date): Promise<void> {
    await makeMissingSigningKey(db, secrets, algorithm, now);
    await known.load();
  }

  async function find(now: Date): Promise<Signer> {
    if (!(await known.all()).some(isSigning)) await makeMissing(now);
    const { row } = (await known.all()).find(isSigning) as KnownKey;
    if (signing?.id !== row.id) {
      const privateKey = decryptPrivateKey(row.encryptedPrivateKey, row.id, secrets);
      signing = { id: row.id, algorithm: algorithmOf(row), privateKey };
    }
    return signing;
  }

  return {
    find,
    async prepare(now: Date): Promise<void> {
      // Only a start changes the algorithm: processes that differ in it for a while would retire each other's keys.
      const signing = (await known.all()).filter(isSigning);
      if (!signing.some(({ row }) => algorithmOf(row) === algorithm)) await makeMissing(now);
      await find(now);
    },
  };
}

/** The keys of access tokens, as this process knows them; they may have changed for two seconds. */
export function createSigningKeys(db: Database, secrets: Secrets, log: Logger, algorithm: TokenAlgorithm): SigningKeys {
  const known = createKeyCache(db);
  const current = createCurrentSigner(db, secrets, algorithm, known);

  return {
    prepare: current.prepare,
    async signer(now) {
      try {
        return await current.find(now);
      } catch (error) {
        if (!(error instanceof OperatorError)) throw error;
        log.error({ err: error }, 'the signing key was made with another SIGNING_KEY_SECRET than this process has');
        throw new DomainError('service_unavailable', 'No access token can be made at the moment.');
      }
    },
    async find(id, now) {
      const key = await known.find(id);
      return key && isAccepted(key, now) ? key.publicKey : null;
    },
    async keySet(now) {
      return { keys: (await known.all()).filter((key) => isAccepted(key, now)).map(({ jwk }) => jwk) };
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
