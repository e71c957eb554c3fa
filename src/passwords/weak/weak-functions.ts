import { UnusableHash } from '../hashes/hash-fields.ts';
import { argon2 } from './argon2.ts';
import { md5Crypt, shaCrypt } from './crypt.ts';
import { digest, hmac } from './digest.ts';
import { pbkdf2 } from './pbkdf2.ts';
import { phpass } from './phpass.ts';
import type { WeakDigest, WeakFunction } from './weak-function.ts';

const weakFunctions = {
  argon2,
  digest,
  hmac,
  'md5-crypt': md5Crypt,
  pbkdf2,
  phpass,
  'sha-crypt': shaCrypt,
} as const satisfies Record<string, WeakFunction>;

/** The functions that hashes are wrapped of. */
export type WeakName = keyof typeof weakFunctions;

/** Throws UnusableHash for a name that is none, and for settings out of bounds. */
export function readWeakDigest(name: string, settings: string): WeakDigest {
  if (!Object.hasOwn(weakFunctions, name)) throw new UnusableHash('what is wrapped is not known');
  return weakFunctions[name as WeakName].read(settings);
}
