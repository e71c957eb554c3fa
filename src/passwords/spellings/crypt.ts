import { UnusableHash } from '../hashes/hash-fields.ts';
import { phcBase64 } from '../hashes/phc-base64.ts';
import { phpassRounds } from '../weak/bounds.ts';
import { cryptBase64Value } from '../weak/crypt-base64.ts';
import { native, type ReadHash } from './read-hash.ts';

// The last character carries fewer than six bits, and what has others set would match nothing.
const md5 = /^\$(?:(1|apr1)|md5-crypt)\$([^$]{0,8})\$([./0-9A-Za-z]{21}[./01])$/;
const sha = /^\$(5|6|sha256-crypt|sha512-crypt)\$(?:rounds=([1-9][0-9]{0,9})\$)?([^$]{0,16})\$([./0-9A-Za-z]+)$/;
const shaHash = { sha256: /^.{42}[./0-9A-D]$/, sha512: /^.{85}[./01]$/ } as const;
const defaultRounds = '5000';

/** The spellings of crypt(3) that can be carried: bcrypt, MD5 and SHA-2, the last ones with Kratos's names, too. */
export function crypt(hash: string): ReadHash {
  if (/^\$2[aby]\$/.test(hash)) return native('bcrypt', hash);
  const md5Parts = md5.exec(hash);
  if (md5Parts) {
    const [, magic = '1', salt = '', digest = ''] = md5Parts;
    return {
      weak: { name: 'md5-crypt', settings: `magic=${magic},salt=${saltOf(salt)}`, digest: Buffer.from(digest) },
    };
  }
  const [, id = '', rounds = defaultRounds, salt = '', digest = ''] = sha.exec(hash) ?? [];
  const algorithm = id.includes('5') && !id.includes('512') ? 'sha256' : 'sha512';
  if (!shaHash[algorithm].test(digest))
    throw new UnusableHash('it is not a bcrypt, MD5, SHA-256 or SHA-512 of crypt(3)');
  const settings = `d=${algorithm},n=${rounds},salt=${saltOf(salt)}`;
  return { weak: { name: 'sha-crypt', settings, digest: Buffer.from(digest) } };
}

const portable = /^\$(?:[PH])\$(.)(.{8})([./0-9A-Za-z]{21}[./01])$/;
const drupal = /^\$S\$(.)(.{8})([./0-9A-Za-z]{43})$/;

/** Openwall's portable hashes: `$P$` of WordPress, `$H$` of phpBB, `$S$` of Drupal 7. */
export function phpass(hash: string): ReadHash {
  const algorithm = hash.startsWith('$S$') ? 'sha512' : 'md5';
  const [, count = '', salt = '', digest = ''] = (algorithm === 'md5' ? portable : drupal).exec(hash) ?? [];
  const logarithm = cryptBase64Value(count);
  if (digest === '') throw new UnusableHash('it does not have the form of phpass');
  if (logarithm < phpassRounds.min || logarithm > phpassRounds.max) {
    throw new UnusableHash(`its rounds are not 2^${phpassRounds.min} to 2^${phpassRounds.max}`);
  }
  const settings = `d=${algorithm},n=${logarithm},l=${digest.length},salt=${saltOf(salt)}`;
  return { weak: { name: 'phpass', settings, digest: Buffer.from(digest) } };
}

function saltOf(text: string): string {
  return phcBase64(Buffer.from(text));
}
