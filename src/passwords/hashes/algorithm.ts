import { timingSafeEqual } from 'node:crypto';
import { maxHashLength } from '../bounds.ts';
import type { SaltPosition, StoredHashType, StoredPassword } from '../stored-password.ts';
import type { HashCost } from './hash-cost.ts';
import { UnusableHash } from './hash-fields.ts';

/** One line of the table of hash types. */
export interface Algorithm {
  readonly type: StoredHashType;
  /** What a well-formed string looks like, for the error about one that is not. */
  readonly expected: string;
  /** What is wrong with the form or the costs of a hash that is to be stored, or null; cheap, it never computes a hash. */
  check(hash: string): string | null;
  /** What it takes to verify a stored hash; null for one that matches nothing. */
  cost(hash: string): HashCost | null;
  /** Whether the password made this hash; false at once for one of another form, or out of all bounds. */
  verify(password: string, stored: StoredPassword): Promise<boolean>;
}

/** What one algorithm has to know: how to read its string and how to compute the digest in it. */
export interface AlgorithmDefinition<Parsed extends { digest: Buffer }> {
  readonly type: StoredHashType;
  readonly expected: string;
  /** Reads the form, and the bounds within which a stored hash is verified; throws UnusableHash. */
  parse(hash: string): Parsed;
  /** Throws UnusableHash for one that is not stored any more, although it is still verified where it was. */
  assertStorable?(parsed: Parsed): void;
  cost(parsed: Parsed): HashCost;
  /** The digest that the password's UTF-8 bytes give, off the main thread; one of another length never matches. */
  compute(password: Buffer, parsed: Parsed, saltPosition: SaltPosition | null): Promise<Buffer>;
}

/** Makes an Algorithm that cannot compute anything from a string whose form and costs it has not checked. */
export function defineAlgorithm<Parsed extends { digest: Buffer }>(definition: AlgorithmDefinition<Parsed>): Algorithm {
  const parse = (hash: string): Parsed => {
    if (hash.length > maxHashLength) throw new UnusableHash(`it is longer than ${maxHashLength} characters`);
    return definition.parse(hash);
  };
  return {
    type: definition.type,
    expected: definition.expected,
    check: (hash) => {
      const parsed = attempt(() => {
        const read = parse(hash);
        definition.assertStorable?.(read);
        return read;
      });
      return parsed instanceof UnusableHash ? parsed.message : null;
    },
    cost: (hash) => {
      const parsed = attempt(() => parse(hash));
      return parsed instanceof UnusableHash ? null : definition.cost(parsed);
    },
    verify: async (password, stored) => {
      const parsed = attempt(() => parse(stored.hash));
      if (parsed instanceof UnusableHash) return false;
      // Imported hashes were made from whatever bytes were typed: no trimming, no normalisation.
      const digest = await definition.compute(Buffer.from(password, 'utf8'), parsed, stored.saltPosition);
      return digest.length === parsed.digest.length && timingSafeEqual(digest, parsed.digest);
    },
  };
}

function attempt<T>(work: () => T): T | UnusableHash {
  try {
    return work();
  } catch (error) {
    if (error instanceof UnusableHash) return error;
    throw error;
  }
}
