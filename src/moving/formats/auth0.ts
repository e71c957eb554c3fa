import type { ImportFormat, SourcePassword, SourceRecord, Values } from '../source/import-format.ts';
import { flagOf, listOf, notCarried, objectOf, passwordOf, textOf } from '../source/values.ts';

/** The connection of those who have a password at Auth0 itself: no provider. */
const database = 'auth0';

/**
 * Auth0: users from the export job or the API, hashes in a file of their own from its support, or both as its own import takes them.
 * `user_id` becomes the external id, `user_metadata` the metadata.
 */
export const auth0: ImportFormat = {
  recognises: ({ values }) =>
    isHash(values) ||
    'user_metadata' in values ||
    'custom_password_hash' in values ||
    (typeof values.user_id === 'string' && values.user_id.includes('|')),
  partOf: ({ values }, firsts) =>
    isHash(values) && firsts.some((first) => !isHash(first.values)) ? keyOfHash(values) : null,
  keysOf: ({ values }) => {
    const own = listOf(values.identities).filter(({ provider }) => provider === database);
    return [textOf(values.user_id) ?? '', ...own.map(({ connection }) => keyOfAddress(connection, values.email))];
  },
  convert: ({ values }, parts) => ({
    email: values.email,
    emailVerified: flagOf(values.email_verified),
    firstName: values.given_name,
    lastName: values.family_name,
    name: nameOf(values),
    externalId: textOf(values.user_id) ?? (isHash(values) ? keyOfHash(values) : undefined),
    locale: undefined,
    metadata: objectOf(values.user_metadata),
    profilePictureUrl: values.picture,
    createdAt: values.created_at,
    lastSignInAt: values.last_login,
    identities: listOf(values.identities)
      .filter(({ provider }) => provider !== database)
      .map(({ provider, user_id, profileData }) => ({ provider, idpId: user_id, email: objectOf(profileData).email })),
    password: hashOf(values, parts),
    notes: notCarried({
      phone: values.phone_number,
      username: values.username,
      mfa: values.multifactor ?? values.mfa_factors,
      disabled: values.blocked === true,
      app_metadata: Object.keys(objectOf(values.app_metadata)).length > 0,
    }),
  }),
};

function isHash(values: Values): boolean {
  return 'passwordHash' in values && 'connection' in values;
}

/** The id of its user; without one, the address within the connection, where it is the only one. */
function keyOfHash({ _id, connection, email }: Values): string {
  const id = textOf(objectOf(_id).$oid) ?? textOf(_id);
  return id ? `${database}|${id}` : keyOfAddress(connection, email);
}

function keyOfAddress(connection: unknown, email: unknown): string {
  return JSON.stringify([connection, textOf(email)?.toLowerCase()]);
}

/** Where nobody has given a name, Auth0 puts the address there. */
function nameOf({ name, email }: Values): unknown {
  return name === email ? undefined : name;
}

function hashOf(values: Values, [part]: readonly SourceRecord[]): SourcePassword | null {
  const { passwordHash, password_set_date } = part?.values ?? values;
  if (passwordHash !== undefined) return passwordOf(passwordHash, { changedAt: objectOf(password_set_date).$date });
  const custom = objectOf(values.custom_password_hash);
  if (custom.algorithm === undefined) return passwordOf(values.password_hash);
  return passwordOf(objectOf(custom.hash).value, {
    algorithm: `auth0:${custom.algorithm}`,
    salt: textOf(objectOf(custom.salt).value),
    parameters: { ...custom },
  });
}
