import type { ImportFormat, SourceRecord } from '../source/import-format.ts';
import { flagOf, notCarried, objectOf, passwordOf, textOf } from '../source/values.ts';

const isIdentity = ({ values, table }: SourceRecord) => table === 'identities' || 'identity_data' in values;

/**
 * Supabase: the tables `auth.users` and `auth.identities`, in one dump or in a CSV file each. `id` becomes the external id, an address
 * counts as verified when `email_confirmed_at` is set.
 */
export const supabase: ImportFormat = {
  recognises: ({ values }) =>
    'encrypted_password' in values || 'raw_user_meta_data' in values || 'identity_data' in values,
  partOf: (record) => (isIdentity(record) ? (textOf(record.values.user_id) ?? '') : null),
  keysOf: ({ values }) => [textOf(values.id) ?? ''],
  convert: ({ values, table }, parts) => {
    if (table !== undefined && table !== 'users') return { refused: { code: 'no_user', message: '' } };
    if (textOf(values.deleted_at)) return skipped('The user is deleted there.');
    if (flagOf(values.is_anonymous)) return skipped('The user is anonymous.');
    const { full_name, name, avatar_url, picture, ...metadata } = objectOf(values.raw_user_meta_data);
    const ofAccount = ['sub', 'email', 'email_verified', 'phone_verified', 'iss', 'provider_id'];
    return {
      email: values.email,
      emailVerified: textOf(values.email_confirmed_at) !== undefined,
      name: textOf(full_name) ?? textOf(name),
      externalId: textOf(values.id),
      metadata: Object.fromEntries(Object.entries(metadata).filter(([key]) => !ofAccount.includes(key))),
      profilePictureUrl: textOf(avatar_url) ?? textOf(picture),
      managed: flagOf(values.is_sso_user),
      createdAt: values.created_at,
      lastSignInAt: values.last_sign_in_at,
      identities: parts
        .map((part) => part.values)
        .filter(({ provider }) => provider !== 'email' && provider !== 'phone')
        .map((identity) => ({
          provider: identity.provider,
          idpId: textOf(identity.provider_id) ?? objectOf(identity.identity_data).sub,
          email: objectOf(identity.identity_data).email,
          createdAt: identity.created_at,
        })),
      password: passwordOf(values.encrypted_password),
      notes: notCarried({ phone: values.phone, disabled: values.banned_until }),
    };
  },
};

function skipped(message: string) {
  return { refused: { code: 'not_a_user', message } };
}
