import type { Config } from '../config/config.ts';
import type { Identity, Password, User } from '../db/database.ts';
import { DomainError } from '../errors.ts';
import type { StoredPassword } from '../passwords/stored-password.ts';
import type { EmailAddress } from './email.ts';
import { type ParsedFields, plainFields } from './fields.ts';
import { type Metadata, mergeMetadata, sortedMetadata } from './metadata.ts';

type Values = Partial<User>;

/** What an update does to a user. */
export interface Changes {
  /** The new values of the user's own columns. */
  readonly data: Values;
  /** The canonical address whose identities stay; all others of the user go. Null: none goes. */
  readonly keepIdentitiesOf: string | null;
  /** The password to store. */
  readonly password: StoredPassword | null;
}

/** What was stored before: the user, and the password where the update brings one. */
export interface Stored {
  readonly user: User;
  readonly password: Pick<Password, 'hash' | 'type' | 'saltPosition'> | null;
}

/**
 * Decides what an update does, or null when every value equals what is stored. Pure: given the rows as just read, so it may
 * be decided again on newer ones. Throws the refusals that need the stored row.
 */
export function decideChanges(
  { user, password: storedPassword }: Stored,
  fields: ParsedFields,
  newPassword: StoredPassword | null,
  now: Date,
): Changes | null {
  const data = { ...plainChanges(user, fields), ...emailChanges(user, fields), ...metadataChanges(user, fields) };
  const password = newPassword && !isSamePassword(storedPassword, newPassword) ? newPassword : null;
  if (Object.keys(data).length === 0 && !password) return null;
  const keepIdentitiesOf = data.emailCanonical ?? null;
  return { data: { ...data, ...nextVersion(user, now) }, keepIdentitiesOf, password };
}

/** The identities of a user that a change leaves, and those that go. */
export function divideIdentities(identities: Identity[], { keepIdentitiesOf }: Changes) {
  const stays = ({ emailCanonical }: Identity) => keepIdentitiesOf === null || emailCanonical === keepIdentitiesOf;
  return { kept: identities.filter(stays), unlinked: identities.filter((identity) => !stays(identity)) };
}

/**
 * Which changes end the user's other sessions: whoever got in before, by the old password, mailbox or, with another issuer,
 * external id, is out.
 */
export type SessionPolicy = Pick<
  Config,
  'PASSWORD_CHANGE_ENDS_SESSIONS' | 'EMAIL_CHANGE_ENDS_SESSIONS' | 'AUTH_ISSUER'
>;

export function endsSessions({ data, password, keepIdentitiesOf }: Changes, policy: SessionPolicy): boolean {
  if (password && policy.PASSWORD_CHANGE_ENDS_SESSIONS) return true;
  if (data.externalId !== undefined && policy.AUTH_ISSUER) return true;
  return keepIdentitiesOf !== null && policy.EMAIL_CHANGE_ENDS_SESSIONS;
}

/** Every real change grows the version by one and moves `updatedAt` forward, also when the clock does not. */
export function nextVersion(user: Pick<User, 'version' | 'updatedAt'>, now: Date) {
  const updatedAt = new Date(Math.max(now.getTime(), user.updatedAt.getTime() + 1));
  return { version: user.version + 1, updatedAt };
}

function plainChanges(user: User, fields: ParsedFields): Values {
  const names = Object.keys(plainFields) as (keyof typeof plainFields)[];
  const changed = names.filter((name) => fields[name] !== undefined && fields[name] !== user[name]);
  return Object.fromEntries(changed.map((name) => [name, fields[name]]));
}

function emailChanges(user: User, { email, emailVerified }: ParsedFields): Values {
  if (email && email.canonical !== user.emailCanonical) return addressChanges(user, email, emailVerified ?? false);
  if (emailVerified === false && user.emailVerified) {
    throw new DomainError(
      'email_already_verified',
      'The user email has already been verified and cannot be unverified.',
      { field: 'emailVerified' },
    );
  }
  return {
    ...(email && email.address !== user.email && { email: email.address }),
    ...(emailVerified && !user.emailVerified && { emailVerified }),
  };
}

/**
 * Whoever still holds the old mailbox could go on signing in through an identity of that address: the "trojan
 * identifier" of Sudhodanan and Paverd, USENIX Security 2022. So identities that do not match the new one go.
 */
function addressChanges(user: User, { address, canonical }: EmailAddress, emailVerified: boolean): Values {
  if (user.managed) {
    throw new DomainError(
      'email_change_not_allowed',
      'An identity provider manages this user; the email can only be changed there.',
      { field: 'email' },
    );
  }
  return { email: address, emailCanonical: canonical, ...(user.emailVerified !== emailVerified && { emailVerified }) };
}

function metadataChanges(user: User, { metadata: patch }: ParsedFields): Values {
  if (patch === undefined) return {};
  const stored = sortedMetadata(user.metadata as Metadata);
  const metadata = patch === null ? {} : mergeMetadata(stored, patch);
  return JSON.stringify(metadata) === JSON.stringify(stored) ? {} : { metadata };
}

/** A new password never is the same: its salted hash cannot equal the stored one. An imported hash can. */
function isSamePassword(stored: Stored['password'], password: StoredPassword): boolean {
  return (
    stored?.hash === password.hash && stored.type === password.type && stored.saltPosition === password.saltPosition
  );
}
