import type { ImportFormat, SourcePassword, Values } from '../source/import-format.ts';
import { flagOf, listOf, notCarried, objectOf, passwordOf, textOf } from '../source/values.ts';

/**
 * Keycloak: `kc.sh export --users realm_file`; exports of its console have no users. `id` becomes the external id, attributes the
 * metadata, of several values the first. Identities have no address: `--keycloak-idp-email user` gives them the user's.
 */
export const keycloak: ImportFormat = {
  container: 'users',
  recognises: ({ values }) => 'createdTimestamp' in values || 'federatedIdentities' in values,
  convert: ({ values }) => {
    const { locale, ...attributes } = firstValues(objectOf(values.attributes));
    const credentials = listOf(values.credentials);
    return {
      email: values.email,
      emailVerified: flagOf(values.emailVerified),
      firstName: textOf(values.firstName),
      lastName: textOf(values.lastName),
      externalId: textOf(values.id),
      locale,
      metadata: attributes,
      createdAt: values.createdTimestamp,
      identities: listOf(values.federatedIdentities).map(({ identityProvider, userId }) => ({
        provider: identityProvider,
        idpId: userId,
      })),
      password: passwordIn(credentials.find(({ type }) => type === 'password')),
      notes: notCarried({
        mfa: credentials.filter(({ type }) => type !== 'password'),
        disabled: flagOf(values.enabled) === false,
        username: values.username !== values.email && values.username,
      }),
    };
  },
};

function firstValues(attributes: Values): Values {
  return Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [key, Array.isArray(value) ? value[0] : value]),
  );
}

function passwordIn(credential: Values | undefined): SourcePassword | null {
  const secret = objectOf(credential?.secretData);
  const { algorithm, additionalParameters, ...parameters } = objectOf(credential?.credentialData);
  return passwordOf(secret.value, {
    algorithm: `keycloak:${algorithm}`,
    salt: textOf(secret.salt),
    parameters: { ...parameters, ...objectOf(additionalParameters) },
    changedAt: credential?.createdDate,
  });
}
