import { digestBytes } from '../bounds.ts';
import { parseBase64, UnusableHash } from '../hashes/hash-fields.ts';
import { weakSaltBytes } from '../weak/bounds.ts';
import { pbkdf2, type ReadHash } from './read-hash.ts';

const digests = ['sha1', 'sha256', 'sha512'] as const;

/** ASP.NET Identity: a byte of version, 0 or 1, then PBKDF2's settings where it is 1, salt and key. */
export function aspnet(hash: string): ReadHash {
  const bytes = parseBase64(hash, 'it', { min: 1, max: 13 + weakSaltBytes.max + digestBytes.max });
  if (bytes[0] === 0 && bytes.length === 1 + 16 + 32) {
    return pbkdf2({ algorithm: 'sha1', iterations: 1_000, salt: bytes.subarray(1, 17), key: bytes.subarray(17) });
  }
  if (bytes[0] !== 1 || bytes.length < 13) throw new UnusableHash('it is neither of version 2 nor of version 3');
  const algorithm = digests[bytes.readUInt32BE(1)];
  if (!algorithm) throw new UnusableHash('its function is none of PBKDF2 with SHA-1, SHA-256 and SHA-512');
  const end = 13 + bytes.readUInt32BE(9);
  if (bytes.length < end + digestBytes.min) throw new UnusableHash('its hash is too short');
  return pbkdf2({
    algorithm,
    iterations: bytes.readUInt32BE(5),
    salt: bytes.subarray(13, end),
    key: bytes.subarray(end),
  });
}
