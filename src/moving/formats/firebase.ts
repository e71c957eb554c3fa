import type { ConversionOptions, ImportFormat, SourceIdentity, SourceUser, Values } from '../source/import-format.ts';
import { flagOf, listOf, notCarried, objectOf, passwordOf, textOf } from '../source/values.ts';

/** `firebase auth:export users.csv` writes no names of columns; of each provider four in a row. */
const csvColumns = [
  ...['localId', 'email', 'emailVerified', 'passwordHash', 'salt', 'displayName', 'photoUrl'],
  ...['google.com', 'facebook.com', 'twitter.com', 'github.com'].flatMap((provider) =>
    ['rawId', 'email', 'displayName', 'photoUrl'].map((field) => `${provider} ${field}`),
  ),
  ...['createdAt', 'lastSignedInAt', 'phoneNumber', 'disabled', 'customAttributes', 'providerUserInfo'],
];

/** Firebase: what `firebase auth:export` writes, as JSON or as CSV. `localId` becomes the external id. */
export const firebase: ImportFormat = {
  container: 'users',
  csvColumns,
  recognises: ({ values }) => 'localId' in values,
  convert: ({ values }, _parts, { firebase: config }): SourceUser => ({
    email: values.email,
    emailVerified: flagOf(values.emailVerified),
    name: textOf(values.displayName),
    externalId: textOf(values.localId),
    metadata: objectOf(values.customAttributes),
    profilePictureUrl: values.photoUrl,
    createdAt: values.createdAt,
    lastSignInAt: values.lastSignedInAt,
    identities: identitiesOf(values),
    password: hashOf(values, config),
    notes: [
      ...notCarried({
        phone: values.phoneNumber,
        disabled: flagOf(values.disabled) === true,
        mfa: values.mfaInfo,
      }),
      ...missingForHash(values, config),
    ],
  }),
};

function identitiesOf(values: Values): SourceIdentity[] {
  const listed = listOf(values.providerUserInfo)
    .filter(({ providerId }) => providerId !== 'password' && providerId !== 'phone')
    .map(({ providerId, rawId, email }) => ({ provider: providerId, idpId: rawId, email }));
  const inColumns = Object.keys(values)
    .filter((column) => column.endsWith('.com rawId'))
    .map((column) => {
      const provider = column.slice(0, -' rawId'.length);
      return { provider, idpId: values[column], email: values[`${provider} email`] };
    });
  return [...listed, ...inColumns];
}

function hashOf({ passwordHash, salt }: Values, parameters: ConversionOptions['firebase']) {
  if (!textOf(salt) || !parameters) return null;
  return passwordOf(passwordHash, { algorithm: 'firebase', salt: textOf(salt), parameters: { ...parameters } });
}

function missingForHash({ passwordHash, salt }: Values, config: ConversionOptions['firebase']) {
  if (!textOf(passwordHash) || (textOf(salt) && config)) return [];
  const message = textOf(salt)
    ? 'The hash cannot be used without the parameters of the project: give --firebase-config.'
    : 'The hash has no salt, and cannot be used.';
  return [{ code: 'left_out' as const, field: 'password', message }];
}
