import type { ImportFormat, SourceRecord } from '../source/import-format.ts';
import { flagOf, notCarried, objectOf, passwordOf, textOf } from '../source/values.ts';

const fieldsOf = ({ values }: SourceRecord) => objectOf(values.fields);
const isAddress = ({ values }: SourceRecord) => values.model === 'account.emailaddress';

/**
 * Django: `dumpdata auth.User account.EmailAddress`. The key becomes the external id. Only allauth's addresses say whether one is
 * verified. A password that begins with `!` is none.
 */
export const django: ImportFormat = {
  recognises: ({ values }) => typeof values.model === 'string' && 'pk' in values && 'fields' in values,
  partOf: (record) => (isAddress(record) ? (textOf(fieldsOf(record).user) ?? '') : null),
  keysOf: ({ values }) => [textOf(values.pk) ?? ''],
  convert: (record, parts) => {
    const fields = fieldsOf(record);
    if (!('password' in fields)) return { refused: { code: 'no_user', message: '' } };
    const addresses = parts.map(fieldsOf);
    const own = addresses.find(({ email }) => String(email).toLowerCase() === String(fields.email).toLowerCase());
    const isUnusable = String(fields.password).startsWith('!');
    return {
      email: fields.email,
      emailVerified: flagOf(own?.verified),
      firstName: textOf(fields.first_name),
      lastName: textOf(fields.last_name),
      externalId: textOf(record.values.pk),
      createdAt: fields.date_joined,
      lastSignInAt: fields.last_login,
      password: isUnusable ? null : passwordOf(fields.password, { algorithm: 'django' }),
      notes: notCarried({
        username: fields.username !== fields.email && fields.username,
        addresses: addresses.filter((address) => address !== own),
        disabled: flagOf(fields.is_active) === false,
      }),
    };
  },
};
