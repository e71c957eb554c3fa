import { UnusableHash } from '../hashes/hash-fields.ts';
import { saltPositions, storedHashTypes } from '../stored-password.ts';
import { aspnet } from './aspnet.ts';
import { auth0 } from './auth0.ts';
import { betterAuth } from './better-auth.ts';
import { clerk } from './clerk.ts';
import { custom } from './custom.ts';
import { django } from './django.ts';
import { firebase } from './firebase.ts';
import { fusionauth } from './fusionauth.ts';
import { keycloak } from './keycloak.ts';
import { okta } from './okta.ts';
import { native, type ReadHash } from './read-hash.ts';
import { choiceOf, type SourceHash } from './source-hash.ts';
import { werkzeug } from './werkzeug.ts';

/** Who reads what a system wrote; `method` is what stands behind the colon of the algorithm's name. */
const systems: Readonly<Record<string, (source: SourceHash, method: string) => ReadHash>> = {
  aspnet: ({ hash }) => aspnet(hash),
  auth0: (source, method) => auth0(method, source),
  'better-auth': ({ hash }) => betterAuth(hash),
  clerk: (source, method) => clerk(method, source),
  django: ({ hash }) => django(hash),
  firebase,
  fusionauth: (source, method) => fusionauth(method, source),
  keycloak: (source, method) => keycloak(method, source),
  okta: (source, method) => okta(method, source),
  roster: ownType,
  werkzeug: ({ hash }) => werkzeug(hash),
};

/** Reads a hash by the name that its source gives the algorithm; throws UnusableHash. */
export function readNamed(algorithm: string, source: SourceHash): ReadHash {
  const [system = '', method = ''] = algorithm.toLowerCase().split(':');
  if (Object.hasOwn(systems, system)) return (systems[system] as (typeof systems)[string])(source, method);
  return custom(algorithm.toLowerCase(), source);
}

/** A type of ours, as an export of Roster names it. */
function ownType(source: SourceHash, method: string): ReadHash {
  const type = storedHashTypes.find((known) => known === method);
  if (!type) throw new UnusableHash('it is of no type that is known');
  return native(type, source.hash, choiceOf(source, 'saltPosition', saltPositions, 'suffix'));
}
