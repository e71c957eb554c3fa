import { parsePairs } from '../../passwords/hashes/hash-fields.ts';

/** The parts of hashes as they are stored, which were checked when they came. */

export function ldapDigestOf(hash: string, scheme: string, digestBytes: number): { digest: Buffer; salt: Buffer } {
  const bytes = Buffer.from(hash.slice(scheme.length), 'base64');
  return { digest: bytes.subarray(0, digestBytes), salt: bytes.subarray(digestBytes) };
}

export function pbkdf2Of(hash: string): { hashName: string; iterations: string; salt: Buffer; key: Buffer } {
  const [, , parameters = '', salt = '', key = ''] = hash.split('$');
  const { i, d } = parsePairs(parameters.split(','), ['i', 'd']);
  return { hashName: d, iterations: i, salt: Buffer.from(salt, 'base64'), key: Buffer.from(key, 'base64') };
}

export function scryptOf(hash: string): { n: number; r: number; p: number; salt: Buffer; key: Buffer } {
  const [, , , parameters = '', salt = '', key = ''] = hash.split('$');
  const { n, r, p } = parsePairs(parameters.split(','), ['n', 'r', 'p', 'kl']);
  const numbers = { n: Number(n), r: Number(r), p: Number(p) };
  return { ...numbers, salt: Buffer.from(salt, 'base64'), key: Buffer.from(key, 'base64') };
}
