import { argon2Bounds, argon2SaltBytes, digestBytes } from '../bounds.ts';
import { parseBase64, UnusableHash } from '../hashes/hash-fields.ts';
import { phcBase64 } from '../hashes/phc-base64.ts';
import { weakArgon2Bounds, weakPbkdf2Iterations, weakSaltBytes } from '../weak/bounds.ts';
import { parseDigestName } from '../weak/digest-names.ts';
import { argon2, pbkdf2, type ReadHash } from './read-hash.ts';
import { integerOf, type SourceHash, textOf } from './source-hash.ts';

/**
 * A credential of Keycloak: `hash` and `salt` are `value` and `salt` of its `secretData`; the parameters are those of its
 * `credentialData`, what is in `additionalParameters` beside the others.
 */
export function keycloak(provider: string, source: SourceHash): ReadHash {
  if (provider === 'argon2') return keycloakArgon2(source);
  const digest = /^pbkdf2(?:-(sha256|sha512))?$/.exec(provider);
  if (!digest) throw new UnusableHash('it is not of pbkdf2, pbkdf2-sha256, pbkdf2-sha512 or argon2');
  return pbkdf2({
    algorithm: parseDigestName(digest[1] ?? 'sha1'),
    iterations: integerOf(source, 'hashIterations', weakPbkdf2Iterations),
    salt: parseBase64(source.salt ?? '', 'the salt', weakSaltBytes),
    key: parseBase64(source.hash, 'the hash', digestBytes),
  });
}

function keycloakArgon2(source: SourceHash): ReadHash {
  if (textOf(source, 'version') !== '1.3') throw new UnusableHash('the version is not 1.3');
  const type = textOf(source, 'type') ?? 'id';
  const m = integerOf(source, 'memory', { min: weakArgon2Bounds.m.min, max: argon2Bounds.m.max });
  const t = integerOf(source, 'hashIterations', weakArgon2Bounds.t);
  const p = integerOf(source, 'parallelism', argon2Bounds.p);
  const salt = phcBase64(parseBase64(source.salt ?? '', 'the salt', argon2SaltBytes));
  const key = phcBase64(parseBase64(source.hash, 'the hash', digestBytes));
  return argon2(`$argon2${type}$v=19$m=${m},t=${t},p=${p}$${salt}$${key}`);
}
