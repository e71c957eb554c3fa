import type { Session, User } from '../db/database.ts';
import { passwordHashTypes, saltPositions } from '../passwords/stored-password.ts';
import { statusOf } from '../sessions/find.ts';
import { maxExternalIdCharacters, maxNameCharacters, type userFields } from '../users/fields.ts';
import { type Metadata, metadataLimits, sortedMetadata } from '../users/metadata.ts';

/** A JSON Schema, as far as the OpenAPI document needs one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** One key of a body: the domain's name for it and what the OpenAPI document says of it. */
export interface Field<Name extends string> {
  readonly name: Name;
  readonly schema: JsonSchema;
  /** What an input takes, where it is more than an answer holds. */
  readonly input: JsonSchema;
}

/** A key of a body. */
export function field<Name extends string>(
  name: Name,
  description: string,
  schema: JsonSchema,
  input = schema,
): Field<Name> {
  return { name, schema: { description, ...schema }, input: { description, ...input } };
}

const string = { type: 'string' };
const textOrNull = { type: ['string', 'null'] };
const nameOrNull = { ...textOrNull, maxLength: maxNameCharacters };
const moment = { type: 'string', format: 'date-time' };

const { maxPairs, maxKeyCharacters, maxValueCharacters } = metadataLimits;
const value = { maxLength: maxValueCharacters };
const pairs = { maxProperties: maxPairs, propertyNames: { minLength: 1, maxLength: maxKeyCharacters } };
const metadata = { type: 'object', ...pairs, additionalProperties: { type: 'string', ...value } };
const metadataPatch = { type: ['object', 'null'], additionalProperties: { type: ['string', 'null'], ...value } };
const externalId = { ...textOrNull, minLength: 1, maxLength: maxExternalIdCharacters, pattern: '^[\\x00-\\x7F]+$' };

/** What can be read and written. A new plain field of User is one line here; nothing else of a user is ever shown. */
export const sharedFields = {
  email: field(
    'email',
    'The address, where mail goes: trimmed and NFKC, in the case as it was typed. Compared without regard to case.',
    string,
  ),
  email_verified: field('emailVerified', 'Whether the mailbox is known to be theirs.', { type: 'boolean' }),
  first_name: field('firstName', 'The given name.', nameOrNull),
  last_name: field('lastName', 'The family name.', nameOrNull),
  name: field('name', 'The full name; stored by itself.', nameOrNull),
  external_id: field('externalId', 'Your own id of the user.', externalId),
  metadata: field('metadata', 'Your own notes. An update merges them key by key.', metadata, metadataPatch),
  locale: field('locale', 'The preferred language, as a BCP 47 tag.', textOrNull),
} satisfies Record<string, Field<keyof typeof userFields & keyof User>>;

/** What only answers hold. */
export const readOnlyFields = {
  id: field('id', '`user_` and a ULID. Ids sort by creation.', string),
  profile_picture_url: field('profilePictureUrl', 'Where their picture is.', textOrNull),
  last_sign_in_at: field('lastSignInAt', 'When they last signed in.', { ...moment, type: ['string', 'null'] }),
  created_at: field('createdAt', 'When they were created.', moment),
  updated_at: field('updatedAt', 'When they last changed.', moment),
} satisfies Record<string, Field<keyof User>>;

/** What only inputs hold. */
export const writeOnlyFields = {
  password: field('password', 'A new password. Not together with a hash.', string),
  password_hash: field('passwordHash', 'A hash brought along from elsewhere, with its type.', string),
  password_hash_type: field('passwordHashType', 'The algorithm of the hash.', { enum: passwordHashTypes }),
  password_salt_position: field('passwordSaltPosition', 'Where the salt stands in an ssha256 hash.', {
    enum: saltPositions,
  }),
} satisfies Record<string, Field<keyof typeof userFields>>;

/** What `POST /user_management/sessions/revoke` reads. */
export const revocationFields = {
  session_id: field('sessionId', 'The session, the `sid` of its access tokens.', string),
} as const;

/** What `POST /user_management/users/{id}/email_verification/confirm` reads. */
export const confirmationFields = {
  code: field('code', 'The six digits that were mailed. Spaces and dashes do not count.', string),
} as const;

/** What `POST /user_management/users/{id}/email_change/send` reads. */
export const changeFields = { new_email: field('newEmail', 'The address to change to.', string) } as const;

/** Where the user is who asks a backend for a mail: limits count it there. */
export const callerFields = {
  ip_address: field('ipAddress', 'Where the user calls from. Limits of mails count by it.', textOrNull),
  user_agent: field('userAgent', 'What the user calls with.', textOrNull),
} as const;

/** What `POST /user_management/password_reset` reads. */
export const resetFields = { email: field('email', 'The address of the user.', string) } as const;

/** What `POST /user_management/password_reset/confirm` reads. */
export const newPasswordFields = {
  token: field('token', 'The token of the link that was mailed. It counts once.', string),
  new_password: field('newPassword', 'The new password, exactly as it was typed.', string),
} as const;

/** What `POST /user_management/magic_auth` reads. */
export const magicAuthFields = { email: field('email', 'The address of the user.', string) } as const;

/** What WorkOS also takes, for its fraud detection. Roster has none: these are accepted, and not used. */
export const unusedOnCreate = ['ip_address', 'user_agent', 'signals_id'] as const;
export const unusedOnMagicAuth = ['radar_auth_attempt_id', 'signals_id'] as const;

export const userInputs = { ...sharedFields, ...writeOnlyFields };
export const userOutputs = { ...readOnlyFields, ...sharedFields };

/** What is shown of a user, each by its key. */
export const shownOfUser = Object.entries(userOutputs);

/** A user as REST shows them: every key, always. */
export function presentUser(user: User): Record<string, unknown> {
  const shown: Record<string, unknown> = { object: 'user' };
  for (const [key, { name }] of shownOfUser) shown[key] = presentValue(user[name] ?? null);
  return shown;
}

/** What is shown of a session. */
export const sessionOutputs = {
  id: field('id', '`session_` and a ULID. The `sid` of its access tokens.', string),
  user_id: field('userId', 'The user.', string),
  ip_address: field('ipAddress', 'Where they signed in from, where it is known.', textOrNull),
  user_agent: field('userAgent', 'What they signed in with, where it is known.', textOrNull),
  auth_method: field('authMethod', 'How they signed in.', { enum: ['password', 'magic_code'] }),
  expires_at: field('expiresAt', 'When it ends by itself.', moment),
  ended_at: field('endedAt', 'When it was revoked.', { ...moment, type: ['string', 'null'] }),
  created_at: field('createdAt', 'When they signed in.', moment),
  updated_at: field('updatedAt', 'When it was started, refreshed or ended.', moment),
} satisfies Record<string, Field<keyof Session>>;

/** A session as REST shows it at this moment. */
export function presentSession(session: Session, now: Date): Record<string, unknown> {
  return { object: 'session', ...presentFields(sessionOutputs, session), status: statusOf(session, now) };
}

/** What an answer shows of something, by the keys of the wire. */
export function presentFields<Name extends string>(
  outputs: Readonly<Record<string, Field<Name>>>,
  shown: Readonly<Record<Name, User[keyof User]>>,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(outputs).map(([key, { name }]) => [key, presentValue(shown[name])]));
}

export function presentValue(value: User[keyof User]): unknown {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' && value !== null ? sortedMetadata(value as Metadata) : value;
}
