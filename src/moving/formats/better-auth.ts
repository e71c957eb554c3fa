import type { ImportFormat, SourceRecord } from '../source/import-format.ts';
import { flagOf, notCarried, passwordOf, textOf } from '../source/values.ts';

const isAccount = ({ values, table }: SourceRecord) =>
  table === 'account' || 'providerId' in values || 'provider_id' in values;

/** better-auth: its tables `user` and `account`, a file of each, or a dump. `id` becomes the external id. */
export const betterAuth: ImportFormat = {
  recognises: (record) =>
    isAccount(record) || ('emailVerified' in record.values && 'updatedAt' in record.values && 'image' in record.values),
  partOf: (record) => (isAccount(record) ? (textOf(record.values.userId ?? record.values.user_id) ?? '') : null),
  keysOf: ({ values }) => [textOf(values.id) ?? ''],
  convert: ({ values, table }, parts) => {
    if (table !== undefined && table !== 'user') return { refused: { code: 'no_user', message: '' } };
    const accounts = parts.map((part) => part.values);
    const providerOf = (account: SourceRecord['values']) => account.providerId ?? account.provider_id;
    const own = accounts.find((account) => providerOf(account) === 'credential');
    return {
      email: values.email,
      emailVerified: flagOf(values.emailVerified ?? values.email_verified),
      name: textOf(values.name),
      externalId: textOf(values.id),
      profilePictureUrl: values.image,
      createdAt: values.createdAt ?? values.created_at,
      identities: accounts
        .filter((account) => account !== own)
        .map((account) => ({ provider: providerOf(account), idpId: account.accountId ?? account.account_id })),
      password: passwordOf(own?.password, { algorithm: 'better-auth' }),
      notes: notCarried({
        mfa: flagOf(values.twoFactorEnabled) === true,
        username: values.username,
        phone: values.phoneNumber,
        disabled: flagOf(values.banned) === true,
      }),
    };
  },
};
