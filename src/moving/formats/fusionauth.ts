import type { ImportFormat } from '../source/import-format.ts';
import { flagOf, listOf, notCarried, objectOf, passwordOf, textOf } from '../source/values.ts';

/** FusionAuth: users as its import takes them. `id` becomes the external id, `data` the metadata. */
export const fusionauth: ImportFormat = {
  container: 'users',
  recognises: ({ values }) =>
    'encryptionScheme' in values || 'insertInstant' in values || 'preferredLanguages' in values,
  convert: ({ values }) => {
    const [locale] = Array.isArray(values.preferredLanguages) ? values.preferredLanguages : [];
    return {
      email: values.email,
      emailVerified: flagOf(values.verified),
      firstName: textOf(values.firstName),
      lastName: textOf(values.lastName),
      name: textOf(values.fullName),
      externalId: textOf(values.id),
      locale,
      metadata: objectOf(values.data),
      profilePictureUrl: values.imageUrl,
      createdAt: values.insertInstant,
      lastSignInAt: values.lastLoginInstant,
      identities: [],
      password: passwordOf(values.password, {
        algorithm: `fusionauth:${values.encryptionScheme}`,
        salt: textOf(values.salt),
        parameters: { factor: values.factor },
      }),
      notes: notCarried({
        phone: values.mobilePhone ?? values.phoneNumber,
        username: values.username,
        mfa: listOf(objectOf(values.twoFactor).methods),
        organization: listOf(values.registrations),
        disabled: flagOf(values.active) === false,
      }),
    };
  },
};
