import { UnusableHash } from '../hashes/hash-fields.ts';

/** The digests that weak hashes are made with, and their lengths in bytes. */
export const digestLengths = { md5: 16, sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64 } as const;

/** One of `digestLengths`, by the name that Node knows it by. */
export type DigestName = keyof typeof digestLengths;

/** Reads `SHA-256`, `sha256` or `SHA_256`; throws UnusableHash. */
export function parseDigestName(text: string): DigestName {
  const name = text.toLowerCase().replace(/[-_]/, '');
  if (!Object.hasOwn(digestLengths, name)) {
    throw new UnusableHash(`its digest is none of ${Object.keys(digestLengths).join(', ')}`);
  }
  return name as DigestName;
}
