import { storedHashTypes } from '../../passwords/stored-password.ts';
import type { ImportFormat, SourceRecord, SourceUser, Values } from '../source/import-format.ts';
import { flagOf, listOf, notCarried, objectOf, passwordOf, textOf, valueAt } from '../source/values.ts';

/** By which names a column is known: Roster's, WorkOS's, and what people call it. */
const columns: Readonly<Record<string, readonly string[]>> = {
  email: ['email', 'email_address', 'mail'],
  emailVerified: ['emailVerified', 'email_verified'],
  firstName: ['firstName', 'first_name', 'given_name'],
  lastName: ['lastName', 'last_name', 'family_name'],
  name: ['name', 'full_name'],
  externalId: ['externalId', 'external_id'],
  locale: ['locale', 'language'],
  metadata: ['metadata'],
  picture: ['profilePictureUrl', 'profile_picture_url', 'picture'],
  createdAt: ['createdAt', 'created_at'],
  lastSignInAt: ['lastSignInAt', 'last_sign_in_at'],
  hash: ['passwordHash', 'password_hash'],
  type: ['passwordHashType', 'password_hash_type'],
  id: ['user_id', 'id'],
};

/** A table of any origin whose columns have these names; those of others are named with `--map`. */
export const csv: ImportFormat = {
  recognises: () => false,
  convert: ({ values }) => {
    const user = convertNamed(values);
    return user.externalId === undefined && !isUserId(user.id) ? { ...user, externalId: user.id, id: undefined } : user;
  },
};

/**
 * WorkOS: the users of its API, as JSON, each with `identities` if they were asked for, or the columns of its importers. Ids are kept.
 * It gives no hashes away.
 */
export const workos: ImportFormat = {
  container: 'data',
  recognises: ({ values }) =>
    values.object === 'user' || 'role_slugs' in values || (isUserId(values.user_id) && 'email' in values),
  convert: ({ values }: SourceRecord) => {
    const user = convertNamed(values);
    const verified = user.emailVerified === true ? user.email : undefined;
    return {
      ...user,
      identities: listOf(values.identities).map(({ provider, idp_id }) => ({
        provider,
        idpId: idp_id,
        email: verified,
      })),
      notes: [
        ...(user.notes ?? []),
        ...notCarried({
          organization: values.org_id ?? values.org_external_id ?? values.org_name ?? values.role_slugs,
        }),
      ],
    };
  },
};

function isUserId(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith('user_');
}

function convertNamed(values: Values): SourceUser {
  const find = (name: keyof typeof columns) => {
    for (const column of columns[name] as string[]) if (values[column] !== undefined) return valueAt(values, column);
    return undefined;
  };
  const type = textOf(find('type'))?.toLowerCase().replaceAll('_', '-');
  return {
    id: find('id'),
    email: find('email'),
    emailVerified: flagOf(find('emailVerified')),
    firstName: find('firstName'),
    lastName: find('lastName'),
    name: find('name'),
    externalId: textOf(find('externalId')),
    locale: find('locale'),
    metadata: objectOf(find('metadata')),
    profilePictureUrl: find('picture'),
    createdAt: find('createdAt'),
    lastSignInAt: find('lastSignInAt'),
    password: passwordOf(find('hash'), algorithms(type)),
    notes: notCarried({ plain_password: values.password }),
  };
}

/** One that the spelling of the hash tells best, or a type of ours, or the name of another one. */
function algorithms(type: string | undefined): { algorithm?: string } {
  if (type === undefined || ['bcrypt', 'okta-bcrypt', 'argon2', 'argon2id'].includes(type)) return {};
  return { algorithm: storedHashTypes.some((known) => known === type) ? `roster:${type}` : type };
}
