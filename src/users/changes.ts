import type { Prisma, User } from '../db/database.ts';
import { DomainError } from '../errors.ts';
import type { StoredPassword } from '../passwords/stored-password.ts';
import type { EmailAddress } from './email.ts';
import { type ParsedFields, plainFields } from './fields.ts';
import { type Metadata, mergeMetadata, sortedMetadata } from './metadata.ts';

export type Changes = Prisma.UserUpdateInput;
/** A user as just read; the password only where the update brings one. */
export type UserRow = User & { password?: { hash: string; type: string; saltPosition: string | null } | null };

/**
 * What an update does to a user: Prisma's own arguments, or null when every value equals what is stored.
 * Pure: given the row as just read, so it may be decided again on a newer one. Throws the refusals that need the row.
 */
export function decideChanges(
  user: UserRow,
  fields: ParsedFields,
  password: StoredPassword | undefined,
  now: Date,
): Changes | null {
  const changes: Changes = {
    ...plainChanges(user, fields),
    ...emailChanges(user, fields),
    ...metadataChanges(user, fields),
    ...passwordChanges(user, password, now),
  };
  if (Object.keys(changes).length === 0) return null;
  return { ...changes, ...nextVersion(user, now) };
}

/** Every real change grows the version by one and moves `updatedAt` forward, also when the clock does not. */
export function nextVersion(user: Pick<User, 'version' | 'updatedAt'>, now: Date) {
  const updatedAt = new Date(Math.max(now.getTime(), user.updatedAt.getTime() + 1));
  return { version: user.version + 1, updatedAt };
}

function plainChanges(user: User, fields: ParsedFields): Changes {
  const names = Object.keys(plainFields) as (keyof typeof plainFields)[];
  const changed = names.filter((name) => fields[name] !== undefined && fields[name] !== user[name]);
  return Object.fromEntries(changed.map((name) => [name, fields[name]]));
}

function emailChanges(user: User, { email, emailVerified }: ParsedFields): Changes {
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
function addressChanges(user: User, { address, canonical }: EmailAddress, emailVerified: boolean): Changes {
  if (user.managed) {
    throw new DomainError(
      'email_change_not_allowed',
      'An identity provider manages this user; the email can only be changed there.',
      { field: 'email' },
    );
  }
  return {
    email: address,
    emailCanonical: canonical,
    emailVerified,
    identities: { deleteMany: { OR: [{ emailCanonical: null }, { emailCanonical: { not: canonical } }] } },
  };
}

function metadataChanges(user: User, { metadata: patch }: ParsedFields): Changes {
  if (patch === undefined) return {};
  const stored = sortedMetadata(user.metadata as Metadata);
  const metadata = patch === null ? {} : mergeMetadata(stored, patch);
  return JSON.stringify(metadata) === JSON.stringify(stored) ? {} : { metadata };
}

/** A new password is always a change: its salted hash cannot equal the stored one. An imported hash can. */
function passwordChanges(user: UserRow, password: StoredPassword | undefined, now: Date): Changes {
  if (!password) return {};
  const stored = user.password;
  const same =
    stored?.hash === password.hash && stored.type === password.type && stored.saltPosition === password.saltPosition;
  if (same) return {};
  const row = { ...password, changedAt: now };
  return { password: { upsert: { create: row, update: row } } };
}
