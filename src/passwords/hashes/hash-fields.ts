import type { Bounds } from '../bounds.ts';

/** What is wrong with a hash. The message is shown to the client, so it never holds any part of the hash. */
export class UnusableHash extends Error {
  override readonly name = 'UnusableHash';
}

/** The parts between the `$` of `$id$…$…`, the id first; throws unless there are exactly `count`. */
export function splitHash(hash: string, id: string, count: number): string[] {
  const [start, ...parts] = hash.split('$');
  if (start !== '' || parts[0] !== id) throw new UnusableHash(`it does not start with $${id}$`);
  if (parts.length !== count) throw new UnusableHash('it does not have the right number of parts');
  return parts;
}

/**
 * The values of `name=value` pairs: each name once, none missing, none unknown. Any order will do, because writers
 * differ: the argon2 command line writes m,t,p, the argon2 package of npm m,p,t.
 */
export function parsePairs<Name extends string>(pairs: string[], names: readonly Name[]): Record<Name, string> {
  const values = new Map<string, string>();
  for (const pair of pairs) {
    const [name = '', ...rest] = pair.split('=');
    if (!names.some((known) => known === name) || rest.length === 0 || values.has(name)) {
      throw new UnusableHash('it has an unknown or repeated parameter');
    }
    values.set(name, rest.join('='));
  }
  const read = (name: Name): string => {
    const value = values.get(name);
    if (value === undefined) throw new UnusableHash(`the parameter ${name} is missing`);
    return value;
  };
  return Object.fromEntries(names.map((name) => [name, read(name)])) as Record<Name, string>;
}

/** A whole number in plain decimal (no sign, space or leading zero) within its bounds. */
export function parseInteger(text: string, name: string, bounds: Bounds): number {
  // Ten digits: anything longer is out of every bound, and would lose precision before it could be compared.
  const value = /^(?:0|[1-9][0-9]{0,9})$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= bounds.min && value <= bounds.max)) {
    throw new UnusableHash(`${name} is not a whole number from ${bounds.min} to ${bounds.max}`);
  }
  return value;
}

/**
 * The bytes of Base64 in one of its two alphabets (RFC 4648 sections 4 and 5: Firebase exports the URL-safe one), padded or
 * not, in its one canonical spelling.
 */
export function parseBase64(text: string, name: string, length: Bounds): Buffer {
  const bytes = Buffer.from(text, 'base64');
  // Node skips over what is not Base64 and mixes the alphabets; only a text that comes back unchanged was in one of them.
  const unpadded = text.endsWith('=') && text.length % 4 === 0 ? text.replace(/={1,2}$/, '') : text;
  if (unpadded !== bytes.toString('base64url') && unpadded !== bytes.toString('base64').replaceAll('=', '')) {
    throw new UnusableHash(`${name} is not Base64`);
  }
  if (bytes.length < length.min || bytes.length > length.max) {
    throw new UnusableHash(`${name} is not ${length.min} to ${length.max} bytes long`);
  }
  return bytes;
}
