import type { ImportFormat, SourceUser, Values } from '../source/import-format.ts';
import { listOf, notCarried, objectOf, passwordOf, textOf } from '../source/values.ts';

/** The columns of the dashboard's export hold several addresses in one cell. */
const addressesOf = (cell: unknown) => (textOf(cell) ?? '').split(/[,;|\s]+/).filter((address) => address !== '');

const isRow = (values: Values) =>
  'primary_email_address' in values || 'password_hasher' in values || 'totp_secret' in values;

/**
 * Clerk: the CSV file of its dashboard, which has the hashes, the users of its API as JSON, which have the accounts at providers, or
 * both, joined by id. The primary address counts as verified only where Clerk says so of it.
 */
export const clerk: ImportFormat = {
  recognises: ({ values }) => 'primary_email_address_id' in values || isRow(values),
  partOf: ({ values }, firsts) =>
    isRow(values) && firsts.some((first) => !isRow(first.values)) ? (textOf(values.id) ?? '') : null,
  keysOf: ({ values }) => [textOf(values.id) ?? ''],
  convert: ({ values }, parts) => (isRow(values) ? fromRow(values) : fromApi(values, parts[0]?.values)),
};

function fromRow(values: Values): SourceUser {
  const email = textOf(values.primary_email_address);
  const verified = addressesOf(values.verified_email_addresses);
  const others = [...verified, ...addressesOf(values.unverified_email_addresses)].filter((other) => other !== email);
  return {
    email: email ?? values.primary_email_address,
    emailVerified: email !== undefined && verified.includes(email),
    firstName: values.first_name,
    lastName: values.last_name,
    externalId: textOf(values.id),
    password: hashOf(values),
    notes: notCarried({
      addresses: others,
      username: values.username,
      phone: values.primary_phone_number ?? values.verified_phone_numbers ?? values.unverified_phone_numbers,
      mfa: values.totp_secret,
    }),
  };
}

function hashOf({ password_digest, password_hasher }: Values) {
  const hasher = textOf(password_hasher)?.toLowerCase();
  const algorithm =
    hasher === undefined || hasher === 'bcrypt' || hasher.startsWith('argon2') ? undefined : `clerk:${hasher}`;
  return passwordOf(password_digest, { algorithm });
}

function fromApi(values: Values, row: Values | undefined): SourceUser {
  const addresses = listOf(values.email_addresses);
  const primary = addresses.find(({ id }) => id === values.primary_email_address_id);
  return {
    email: primary?.email_address,
    emailVerified: objectOf(primary?.verification).status === 'verified',
    firstName: values.first_name,
    lastName: values.last_name,
    externalId: textOf(values.id),
    metadata: objectOf(values.public_metadata),
    profilePictureUrl: values.image_url,
    locale: values.locale,
    createdAt: values.created_at,
    lastSignInAt: values.last_sign_in_at,
    identities: listOf(values.external_accounts).map(({ provider, provider_user_id, email_address }) => ({
      provider,
      idpId: provider_user_id,
      email: email_address,
    })),
    password: row ? hashOf(row) : null,
    notes: notCarried({
      addresses: addresses.slice(1),
      username: values.username,
      phone: listOf(values.phone_numbers),
      mfa: values.two_factor_enabled === true || row?.totp_secret,
      disabled: values.banned === true || values.locked === true,
    }),
  };
}
