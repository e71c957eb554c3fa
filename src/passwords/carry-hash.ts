import { maxHashLength } from './bounds.ts';
import type { Argon2Cost } from './hashes/argon2-digest.ts';
import { defaultArgon2Cost } from './hashes/argon2id.ts';
import { UnusableHash } from './hashes/hash-fields.ts';
import { readSpelling } from './spellings/known-spellings.ts';
import type { NativeHash } from './spellings/read-hash.ts';
import type { SourceHash } from './spellings/source-hash.ts';
import { readNamed } from './spellings/systems.ts';
import type { StoredPassword } from './stored-password.ts';
import { assertWrappable, wrapHash } from './wrapped.ts';

export type { SourceHash } from './spellings/source-hash.ts';

/** What can be done with a hash of another system. */
export type CarriedHash =
  | ({ readonly kind: 'native' } & NativeHash)
  /** Too weak to be stored as it is; `wrap` computes an argon2id, of the given cost, and answers what to store. */
  | { readonly kind: 'weak'; wrap(cost?: Argon2Cost): Promise<StoredPassword> }
  /** Why not, in words that do not hold the hash. */
  | { readonly kind: 'refused'; readonly reason: string };

/** What a file that was split elsewhere leaves at the end of a hash. */
const lineEnd = /(?:\r\n|\r|\n)$/;

/**
 * How the hash of another system can be brought along. Cheap: what costs anything is `wrap`. Only for imports: whoever creates or
 * updates a user brings the seven types, with their bounds.
 */
export function carryHash(given: SourceHash): CarriedHash {
  const source = { ...given, hash: given.hash.replace(lineEnd, '') };
  try {
    if (source.hash.length > maxHashLength) throw new UnusableHash(`it is longer than ${maxHashLength} characters`);
    const read = source.algorithm === undefined ? readSpelling(source.hash) : readNamed(source.algorithm, source);
    if ('native' in read) return { kind: 'native', ...read.native };
    const { weak } = read;
    assertWrappable(weak);
    return { kind: 'weak', wrap: (cost = defaultArgon2Cost) => wrapHash(weak, cost) };
  } catch (error) {
    if (!(error instanceof UnusableHash)) throw error;
    return { kind: 'refused', reason: `This hash cannot be used: ${error.message}.` };
  }
}
