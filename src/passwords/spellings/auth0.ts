import { custom } from './custom.ts';
import type { ReadHash } from './read-hash.ts';
import type { SourceHash } from './source-hash.ts';

/**
 * Auth0's `custom_password_hash` by its `algorithm`: `hash` and `salt` are the values of its objects of these names, the parameters
 * all that it has, these two objects among them.
 */
export function auth0(algorithm: string, source: SourceHash): ReadHash {
  const { hash, salt, password, ...others } = source.parameters ?? {};
  const [ofHash, ofSalt] = [objectOf(hash), objectOf(salt)];
  const ofKey = objectOf(ofHash.key);
  const parameters = {
    ...others,
    encoding: ofHash.encoding,
    digest: ofHash.digest,
    key: ofKey.value,
    keyEncoding: ofKey.encoding,
    saltEncoding: ofSalt.encoding,
    saltPosition: ofSalt.position,
    passwordEncoding: objectOf(password).encoding,
  };
  return custom(algorithm, { ...source, parameters });
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
