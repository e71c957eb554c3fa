import { UnusableHash } from '../hashes/hash-fields.ts';
import { firebaseScrypt } from './phc.ts';
import type { ReadHash } from './read-hash.ts';
import { type SourceHash, textOf } from './source-hash.ts';

/**
 * `passwordHash` and `salt` of Firebase's export; the parameters are the project's, by the names of its console:
 * `base64_signer_key`, `base64_salt_separator`, `rounds`, `mem_cost`.
 */
export function firebase(source: SourceHash): ReadHash {
  const read = (name: string): string => {
    const value = source.parameters?.[name];
    const text = typeof value === 'number' ? String(value) : textOf(source, name);
    if (text === undefined) throw new UnusableHash(`the parameter ${name} is missing`);
    return text;
  };
  return firebaseScrypt({
    m: read('mem_cost'),
    r: read('rounds'),
    p: '1',
    ss: read('base64_salt_separator'),
    sk: read('base64_signer_key'),
    salt: source.salt ?? '',
    key: source.hash,
  });
}
