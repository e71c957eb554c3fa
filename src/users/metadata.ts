import { DomainError } from '../errors.ts';
import { safeName } from '../input/safe-name.ts';
import { assertStorableText, countCharacters } from '../input/text.ts';
import { ValidationError } from '../input/validation-errors.ts';

/** WorkOS's limits. */
export const metadataLimits = { maxPairs: 50, maxKeyCharacters: 40, maxValueCharacters: 600 };
const { maxPairs, maxKeyCharacters, maxValueCharacters } = metadataLimits;

export type Metadata = Record<string, string>;

/** What to do with each key: a string sets it, `null` deletes it. An empty patch deletes all. */
export type MetadataPatch = ReadonlyMap<string, string | null>;

/** Reads a metadata input; throws ValidationError naming the wrong key. */
export function parseMetadataPatch(value: unknown): MetadataPatch {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ValidationError('invalid_metadata', 'Metadata must be an object whose values are strings or null.');
  }
  const patch = new Map<string, string | null>();
  for (const [key, entry] of Object.entries(value)) patch.set(parseKey(key), parseValue(key, entry));
  return patch;
}

function parseKey(key: string): string {
  const length = countCharacters(key);
  if (length < 1 || length > maxKeyCharacters) {
    throw new ValidationError(
      'invalid_metadata',
      `The metadata key ${quoted(key)} must have 1 to ${maxKeyCharacters} characters, not ${length}.`,
    );
  }
  // Prisma drops this key in silence, as many JSON libraries do; a refusal is better than a loss.
  if (key === '__proto__')
    throw new ValidationError('invalid_metadata', 'The metadata key "__proto__" is not allowed.');
  assertStorableText(key, `The metadata key ${quoted(key)}`);
  return key;
}

function parseValue(key: string, value: unknown): string | null {
  if (value === null) return null;
  if (typeof value !== 'string') {
    throw new ValidationError(
      'invalid_metadata',
      `The value of the metadata key ${quoted(key)} must be a string or null.`,
    );
  }
  if (countCharacters(value) > maxValueCharacters) {
    throw new ValidationError(
      'invalid_metadata',
      `The value of the metadata key ${quoted(key)} may have at most ${maxValueCharacters} characters.`,
    );
  }
  assertStorableText(value, `The value of the metadata key ${quoted(key)}`);
  return value;
}

/** The key as JSON, so that control characters show. One that is too long to be a key may be anything, and is cut. */
function quoted(key: string): string {
  return countCharacters(key) > maxKeyCharacters ? `"${safeName(key)}"` : JSON.stringify(key);
}

/** Merges key by key; throws a DomainError when the result has too many pairs. Keys are sorted, as clients see them. */
export function mergeMetadata(stored: Metadata, patch: MetadataPatch): Metadata {
  const merged = new Map<string, string | null>(patch.size === 0 ? [] : [...Object.entries(stored), ...patch]);
  const pairs = [...merged].filter((pair): pair is [string, string] => pair[1] !== null);
  if (pairs.length > maxPairs) {
    throw new DomainError(
      'invalid_metadata',
      `Metadata may have at most ${maxPairs} pairs; with this input it would have ${pairs.length}.`,
      { field: 'metadata' },
    );
  }
  return sortedMetadata(Object.fromEntries(pairs));
}

/** The same pairs ordered by key, whatever order the database keeps them in. */
export function sortedMetadata(metadata: Metadata): Metadata {
  const keys = Object.keys(metadata);
  if (keys.every((key, i) => i === 0 || (keys[i - 1] as string) < key)) return metadata; // as it mostly is
  return Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));
}
