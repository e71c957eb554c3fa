import { type Bounds, digestBytes, pbkdf2Iterations, saltBytes } from '../bounds.ts';
import { parseBase64, parsePairs, splitHash, UnusableHash } from '../hashes/hash-fields.ts';
import { phcBase64 } from '../hashes/phc-base64.ts';
import { storedAlgorithms } from '../stored-algorithms.ts';
import type { SaltPosition, StoredHashType } from '../stored-password.ts';
import { type DigestName, digestLengths } from '../weak/digest-names.ts';
import type { WeakHash } from '../wrapped.ts';

/** A hash that can be stored as it is. */
export interface NativeHash {
  readonly type: StoredHashType;
  readonly hash: string;
  readonly saltPosition: SaltPosition | null;
}

/** What became of reading a hash of another system. */
export type ReadHash = { readonly native: NativeHash } | { readonly weak: WeakHash };

/** A hash of one of the stored types; throws UnusableHash where its form or its costs are not those of the type. */
export function native(type: StoredHashType, hash: string, saltPosition: SaltPosition | null = null): ReadHash {
  const problem = storedAlgorithms[type].check(hash);
  if (problem !== null) throw new UnusableHash(problem);
  return { native: { type, hash, saltPosition: type === 'ssha256' ? (saltPosition ?? 'suffix') : null } };
}

/** A key of PBKDF2 with all that it was derived by. */
export interface Pbkdf2Key {
  algorithm: DigestName;
  iterations: number;
  salt: Buffer;
  key: Buffer;
}

/** As it is where it is strong enough, else wrapped; throws UnusableHash where it is neither. */
export function pbkdf2({ algorithm, iterations, salt, key }: Pbkdf2Key): ReadHash {
  const isStrong =
    (algorithm === 'sha256' || algorithm === 'sha512') &&
    iterations >= pbkdf2Iterations[algorithm].min &&
    salt.length >= saltBytes.min;
  if (isStrong) return native('pbkdf2', `$pbkdf2$i=${iterations},d=${algorithm}$${phcBase64(salt)}$${phcBase64(key)}`);
  const settings = `d=${algorithm},i=${iterations},l=${key.length},salt=${phcBase64(salt)}`;
  return { weak: { name: 'pbkdf2', settings, digest: key } };
}

/** What scrypt derived, N, r and p with it. */
export interface ScryptKey {
  n: number;
  r: number;
  p: number;
  salt: Buffer;
  key: Buffer;
}

/** scrypt has no floor: all of it is stored as it is. */
export function scrypt({ n, r, p, salt, key }: ScryptKey, type: 'scrypt' | 'scrypt-nfkc' = 'scrypt'): ReadHash {
  return native(type, `$scrypt$v=1$n=${n},r=${r},p=${p},kl=${key.length}$${phcBase64(salt)}$${phcBase64(key)}`);
}

/** The digest of a password, once or again and again, and what stood before it and after it the first time. */
export interface PlainDigest {
  algorithm: DigestName;
  rounds?: number;
  before?: Buffer;
  after?: Buffer;
  digest: Buffer;
}

export function plainDigest({ algorithm, rounds = 1, before, after, digest }: PlainDigest): ReadHash {
  assertLength(algorithm, digest);
  const texts = [before, after].map((bytes) => phcBase64(bytes ?? Buffer.alloc(0)));
  return {
    weak: { name: 'digest', settings: `d=${algorithm},n=${rounds},before=${texts[0]},after=${texts[1]}`, digest },
  };
}

/** HMAC of the password and what stood before it and after it. */
export function hmac({ algorithm, before, after, digest }: PlainDigest, key: Buffer): ReadHash {
  assertLength(algorithm, digest);
  const texts = [before, after].map((bytes) => phcBase64(bytes ?? Buffer.alloc(0)));
  const settings = `d=${algorithm},key=${phcBase64(key)},before=${texts[0]},after=${texts[1]}`;
  return { weak: { name: 'hmac', settings, digest } };
}

/** Argon2 in its usual spelling: as it is within the bounds, wrapped below them, and otherwise not at all. */
export function argon2(hash: string): ReadHash {
  const problem = storedAlgorithms.argon2.check(hash);
  if (problem === null) return native('argon2', hash);
  const name = /^\$(argon2(?:id|i|d))\$v=19\$/.exec(hash)?.[1];
  if (name === undefined)
    throw new UnusableHash('it does not start with $argon2id$v=19$, $argon2i$v=19$ or $argon2d$v=19$');
  const [, , parameters = '', salt = '', text = ''] = splitHash(hash, name, 5);
  const { m, t, p } = parsePairs(parameters.split(','), ['m', 't', 'p']);
  const digest = parseBase64(text, 'the hash', digestBytes);
  const settings = `a=${name},m=${m},t=${t},p=${p},l=${digest.length},salt=${salt.replace(/=+$/, '')}`;
  return { weak: { name: 'argon2', settings, digest } };
}

/** How long a digest is, as bounds. */
export function lengthOf(algorithm: DigestName): Bounds {
  return { min: digestLengths[algorithm], max: digestLengths[algorithm] };
}

function assertLength(algorithm: DigestName, digest: Buffer): void {
  if (digest.length !== digestLengths[algorithm]) throw new UnusableHash(`the hash is not as long as ${algorithm}`);
}
