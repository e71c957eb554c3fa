import { digestBytes } from '../bounds.ts';
import { parseInteger, UnusableHash } from '../hashes/hash-fields.ts';
import { weakPbkdf2Iterations, weakSaltBytes } from '../weak/bounds.ts';
import { parseDigestName } from '../weak/digest-names.ts';
import { partsOf } from './django.ts';
import { hmac, lengthOf, pbkdf2, type ReadHash, scrypt } from './read-hash.ts';
import { decode } from './source-hash.ts';

/** Until Werkzeug 2.3: so many, where none are named. */
const iterationsOfOld = '260000';

/** What Werkzeug (Flask) writes: `scrypt:N:r:p$salt$hex`, `pbkdf2:sha256:i$salt$hex`, and once `sha256$salt$hex`. */
export function werkzeug(hash: string): ReadHash {
  const [method = '', saltText = '', hex = ''] = partsOf(hash, 3);
  const salt = decode(saltText, 'utf8', 'the salt', weakSaltBytes); // the bytes of its text
  const [name = '', ...costs] = method.split(':');
  if (name === 'scrypt') {
    const [n, r, p] = costs.map(Number);
    if (costs.length !== 3) throw new UnusableHash('it does not have the three costs of scrypt');
    return scrypt({ n: n as number, r: r as number, p: p as number, salt, key: keyOf(hex) });
  }
  if (name === 'pbkdf2') {
    const [digest = 'sha256', i = iterationsOfOld] = costs;
    const iterations = parseInteger(i, 'the number of iterations', weakPbkdf2Iterations);
    return pbkdf2({ algorithm: parseDigestName(digest), iterations, salt, key: keyOf(hex) });
  }
  // With a salt, a plain method was an HMAC under the salt.
  const algorithm = parseDigestName(name);
  return hmac({ algorithm, digest: decode(hex, 'hex', 'the hash', lengthOf(algorithm)) }, salt);
}

function keyOf(hex: string): Buffer {
  return decode(hex, 'hex', 'the hash', digestBytes);
}
