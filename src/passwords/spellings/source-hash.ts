import type { Bounds } from '../bounds.ts';
import { parseBase64, parseInteger, UnusableHash } from '../hashes/hash-fields.ts';

/** A hash as another system wrote it. */
export interface SourceHash {
  readonly hash: string;
  /**
   * The source's own name: `django`, `keycloak:pbkdf2-sha256`, `clerk:pbkdf2_sha256`, `fusionauth:salted-md5`. Without it the
   * spelling of the hash decides.
   */
  readonly algorithm?: string | undefined;
  readonly salt?: string | undefined;
  /** Whatever else the source says of it, by the source's own names. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
}

/** How bytes are written as text. */
export type Encoding = 'hex' | 'base64' | 'utf8';

/** Throws UnusableHash for text in another encoding, or of another length. */
export function decode(text: string, encoding: Encoding, name: string, length: Bounds): Buffer {
  if (encoding === 'base64') return parseBase64(text, name, length);
  if (encoding === 'hex' && !/^(?:[0-9a-fA-F]{2})*$/.test(text)) throw new UnusableHash(`${name} is not hexadecimal`);
  const bytes = Buffer.from(text, encoding);
  if (bytes.length < length.min || bytes.length > length.max) {
    throw new UnusableHash(`${name} is not ${length.min} to ${length.max} bytes long`);
  }
  return bytes;
}

/** A whole number among the parameters, which may be written as text; throws UnusableHash. */
export function integerOf({ parameters }: SourceHash, name: string, bounds: Bounds, without?: number): number {
  const value = single(parameters?.[name]) ?? without;
  if (value === undefined) throw new UnusableHash(`the parameter ${name} is missing`);
  return parseInteger(String(value), name, bounds);
}

/** A text among the parameters, or undefined; throws UnusableHash for what is none. */
export function textOf({ parameters }: SourceHash, name: string): string | undefined {
  const value = single(parameters?.[name]);
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw new UnusableHash(`the parameter ${name} is not a text`);
  return value;
}

/** One of the given texts among the parameters, in any case, or `without`; throws UnusableHash. */
export function choiceOf<Choice extends string>(
  source: SourceHash,
  name: string,
  choices: readonly Choice[],
  without: Choice,
): Choice {
  const text = textOf(source, name)?.toLowerCase();
  const choice = text === undefined ? without : choices.find((known) => known === text);
  if (choice === undefined) throw new UnusableHash(`the parameter ${name} is none of ${choices.join(', ')}`);
  return choice;
}

/** Keycloak writes a list with one text in it. */
function single(value: unknown): unknown {
  return (Array.isArray(value) && value.length === 1 ? value[0] : value) ?? undefined;
}
