import { digestBytes, firebaseScryptBounds, saltBytes } from '../bounds.ts';
import { parseBase64, parseInteger, parsePairs, splitHash, UnusableHash } from '../hashes/hash-fields.ts';
import { weakKeyBytes, weakPbkdf2Iterations, weakSaltBytes } from '../weak/bounds.ts';
import { type DigestName, parseDigestName } from '../weak/digest-names.ts';
import { hmac, lengthOf, native, pbkdf2, plainDigest, type ReadHash, scrypt } from './read-hash.ts';
import { decode } from './source-hash.ts';

/** `$pbkdf2-sha256$29000$…` of passlib, whose Base64 has `.` for `+`, and `$pbkdf2-sha256$i=29000,l=32$…` of Kratos. */
export function phcPbkdf2(hash: string): ReadHash {
  const id = hash.split('$')[1] ?? '';
  const [, costs = '', salt = '', key = ''] = splitHash(hash, id, 4).map((part) => part.replaceAll('.', '+'));
  const i = /^[0-9]+$/.test(costs) ? costs : iterationsOf(costs.split(','));
  return pbkdf2({
    algorithm: parseDigestName(id.slice('pbkdf2-'.length) || 'sha1'),
    iterations: parseInteger(i, 'the number of iterations', weakPbkdf2Iterations),
    salt: parseBase64(salt, 'the salt', weakSaltBytes),
    key: parseBase64(key, 'the hash', digestBytes),
  });
}

function iterationsOf(pairs: string[]): string {
  return pairs.length === 1 ? parsePairs(pairs, ['i']).i : parsePairs(pairs, ['i', 'l']).i;
}

/** `ln` is the logarithm of N in passlib's strings, and N itself in those of Kratos. */
const maxLogarithm = 31;

/** `$scrypt$ln=16,r=8,p=1$salt$hash`. */
export function phcScrypt(hash: string): ReadHash {
  const [, costs = '', salt = '', key = ''] = splitHash(hash, 'scrypt', 4);
  const { ln, r, p } = parsePairs(costs.split(','), ['ln', 'r', 'p']);
  const logarithm = Number(ln);
  return scrypt({
    n: logarithm <= maxLogarithm ? 2 ** logarithm : logarithm,
    r: Number(r),
    p: Number(p),
    salt: parseBase64(salt, 'the salt', saltBytes),
    key: parseBase64(key, 'the hash', digestBytes),
  });
}

/** Kratos: `$firescrypt$ln=14,r=8,p=1$salt$hash$separator$signer key`. */
export function firescrypt(hash: string): ReadHash {
  const [, costs = '', salt = '', key = '', ss = '', sk = ''] = splitHash(hash, 'firescrypt', 6);
  const { ln: m, r, p } = parsePairs(costs.split(','), ['ln', 'r', 'p']);
  return firebaseScrypt({ m, r, p, ss, sk, salt, key });
}

/** GoTrue (Supabase): `$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=signer key$salt$hash`. */
export function fbscrypt(hash: string): ReadHash {
  const [, costs = '', salt = '', key = ''] = splitHash(hash, 'fbscrypt', 4);
  const { v, n: m, r, p, ss, sk } = parsePairs(costs.split(','), ['v', 'n', 'r', 'p', 'ss', 'sk']);
  if (v !== '1') throw new UnusableHash('the version is not 1');
  return firebaseScrypt({ m, r, p, ss, sk, salt, key });
}

/** Firebase's scrypt from its parts; p is always 1 there. */
export function firebaseScrypt(parts: Record<'m' | 'r' | 'p' | 'ss' | 'sk' | 'salt' | 'key', string>): ReadHash {
  const { m, r, p, ss, sk, salt, key } = parts;
  parseInteger(m, 'the memory cost', firebaseScryptBounds.m);
  if (p !== '1') throw new UnusableHash('p is not 1');
  return native('firebase-scrypt', `$firebase-scrypt$v=1$r=${r},m=${m},ss=${ss},sk=${sk}$${salt}$${key}`);
}

/** Kratos: `$sha256$pf=…$salt$hash`, where `pf` says in Base64 how salt and password stand together, or `$md5$hash`. */
export function kratosDigest(hash: string): ReadHash {
  const algorithm = parseDigestName(hash.split('$')[1] ?? '');
  const parts =
    hash.split('$').length === 3
      ? ['', 'pf=e1BBU1NXT1JEfQ==', '', hash.split('$')[2] ?? '']
      : splitHash(hash, algorithm, 4);
  const format = parseBase64(parsePairs([parts[1] ?? ''], ['pf']).pf, 'pf', weakSaltBytes).toString('latin1');
  const salt = parseBase64(parts[2] ?? '', 'the salt', weakSaltBytes).toString('latin1');
  const around = format.split('{PASSWORD}');
  if (around.length !== 2) throw new UnusableHash('its pf does not have {PASSWORD} once');
  const [before, after] = around.map((text) =>
    Buffer.from(
      text.replaceAll('{SALT}', () => salt),
      'latin1',
    ),
  );
  const digest = parseBase64(parts[3] ?? '', 'the hash', lengthOf(algorithm));
  return plainDigest({ algorithm, before: before as Buffer, after: after as Buffer, digest });
}

/** Kratos: `$hmac-sha256$hash$key`, both in Base64, the hash being hexadecimal inside of it. */
export function kratosHmac(hash: string): ReadHash {
  const id = hash.split('$')[1] ?? '';
  const [, text = '', key = ''] = splitHash(hash, id, 3);
  const algorithm: DigestName = parseDigestName(id.slice('hmac-'.length));
  const hex = parseBase64(text, 'the hash', { min: 0, max: 128 }).toString('latin1');
  const digest = decode(hex, 'hex', 'the hash', lengthOf(algorithm));
  return hmac({ algorithm, digest }, parseBase64(key, 'the key', weakKeyBytes));
}
