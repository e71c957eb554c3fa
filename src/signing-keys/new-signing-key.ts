import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { Prisma } from '../db/database.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { selfSignedCertificate } from './certificate.ts';
import { encryptPrivateKey } from './private-keys.ts';

/** What access tokens can be signed with (RFC 7518, section 3.1). */
export type TokenAlgorithm = 'ES256' | 'RS256';

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const generate = promisify(generateKeyPair);

/** How a pair of keys of each algorithm is made, and what its JWK has besides. */
const kinds: Record<TokenAlgorithm, { make(): Promise<KeyPair>; more(keys: KeyPair, now: Date): JWK }> = {
  ES256: { make: () => generate('ec', { namedCurve: 'P-256' }), more: () => ({}) },
  RS256: {
    make: () => generate('rsa', { modulusLength: 2048 }),
    more: ({ publicKey, privateKey }, now) => ({
      x5c: [selfSignedCertificate(publicKey, privateKey, now).toString('base64')],
    }),
  },
};

/** A new key as it is stored. */
export async function newSigningKey(
  algorithm: TokenAlgorithm,
  secrets: Secrets,
  createdAt: Date,
): Promise<Prisma.SigningKeyCreateInput> {
  const { make, more } = kinds[algorithm];
  const keys = await make();
  const jwk = keys.publicKey.export({ format: 'jwk' }) as JWK;
  const id = await calculateJwkThumbprint(jwk);
  return {
    id,
    publicKey: JSON.stringify({ ...jwk, kid: id, alg: algorithm, use: 'sig', ...more(keys, createdAt) }),
    encryptedPrivateKey: encryptPrivateKey(keys.privateKey, id, secrets),
    createdAt,
  };
}
