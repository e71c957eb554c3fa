import type { ImportFormat, Values } from '../source/import-format.ts';
import { flagOf, listOf, notCarried, objectOf, textOf } from '../source/values.ts';

/** What Cognito knows beside the attributes that become fields. */
const plain = [
  'sub',
  'email',
  'email_verified',
  'given_name',
  'family_name',
  'name',
  'locale',
  'picture',
  'identities',
];
const others = [
  'phone_number',
  'phone_number_verified',
  'cognito:username',
  'cognito:mfa_enabled',
  'cognito:user_status',
  'updated_at',
];

/**
 * Amazon Cognito: `list-users` as JSON, or the CSV file of its import. `sub` becomes the external id. It never gives hashes away: users
 * set a new password.
 */
export const cognito: ImportFormat = {
  container: 'Users',
  recognises: ({ values }) => 'cognito:username' in values || ('Username' in values && 'Attributes' in values),
  convert: ({ values }) => {
    const attributes = attributesOf(values);
    return {
      email: attributes.email,
      emailVerified: flagOf(attributes.email_verified),
      firstName: attributes.given_name,
      lastName: attributes.family_name,
      name: attributes.name,
      externalId: textOf(attributes.sub) ?? textOf(values['cognito:username']) ?? textOf(values.Username),
      locale: attributes.locale,
      metadata: restOf(attributes),
      profilePictureUrl: attributes.picture,
      createdAt: values.UserCreateDate,
      identities: listOf(attributes.identities).map(({ providerName, userId }) => ({
        provider: providerName,
        idpId: userId,
      })),
      notes: notCarried({
        phone: attributes.phone_number,
        mfa: flagOf(attributes['cognito:mfa_enabled']) === true || listOf(values.MFAOptions).length > 0,
        disabled: flagOf(values.Enabled) === false,
      }),
    };
  },
};

function attributesOf(values: Values): Values {
  if (!Array.isArray(values.Attributes)) return values;
  return Object.fromEntries(listOf(values.Attributes).map(({ Name, Value }) => [String(Name), Value]));
}

/** Attributes of your own lose the prefix that Cognito gives them. */
function restOf(attributes: Values): Values {
  const rest = Object.entries(objectOf(attributes)).filter(([key]) => !plain.includes(key) && !others.includes(key));
  return Object.fromEntries(rest.map(([key, value]) => [key.replace(/^custom:/, ''), value]));
}
