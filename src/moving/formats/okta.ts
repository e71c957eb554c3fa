import type { ImportFormat, Values } from '../source/import-format.ts';
import { notCarried, objectOf, passwordOf, textOf } from '../source/values.ts';

const ofProfile = ['login', 'email', 'firstName', 'lastName', 'displayName', 'locale', 'mobilePhone', 'secondEmail'];

/**
 * Okta: users of its API as JSON, or with the hash as its own import takes it. `id` becomes the external id, what else is in the
 * profile the metadata. Okta gives no hashes away, and does not say whether an address is verified.
 */
export const okta: ImportFormat = {
  recognises: ({ values }) => typeof values.profile === 'object' && 'login' in objectOf(values.profile),
  convert: ({ values }) => {
    const profile = objectOf(values.profile);
    const { value, salt, algorithm, ...parameters } = objectOf(objectOf(objectOf(values.credentials).password).hash);
    return {
      email: profile.email,
      firstName: textOf(profile.firstName),
      lastName: textOf(profile.lastName),
      name: textOf(profile.displayName),
      externalId: textOf(values.id),
      locale: profile.locale ?? undefined,
      metadata: restOf(profile),
      createdAt: values.created,
      lastSignInAt: values.lastLogin,
      password: passwordOf(value, { algorithm: `okta:${algorithm}`, salt: textOf(salt), parameters }),
      notes: notCarried({
        username: profile.login !== profile.email && profile.login,
        phone: profile.mobilePhone,
        addresses: profile.secondEmail,
        disabled: ['SUSPENDED', 'DEPROVISIONED', 'LOCKED_OUT'].includes(String(values.status)),
      }),
    };
  },
};

function restOf(profile: Values): Values {
  return Object.fromEntries(Object.entries(profile).filter(([key]) => !ofProfile.includes(key)));
}
