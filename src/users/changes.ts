import { type Cause, codesEndedBy } from '../codes/invalidation.ts';
import type { Config } from '../config/settings.ts';
import type { Identity, Password, StoredUser, User, UserChanges } from '../db/database.ts';
import { DomainError } from '../errors.ts';
import type { NewEvent } from '../events/event-types.ts';
import type { Mail } from '../outbox/outbox.ts';
import type { NewPassword, StoredPassword } from '../passwords/stored-password.ts';
import { type Actor, actingUser } from '../principal/principal.ts';
import { invalidToken } from '../principal/unauthorized.ts';
import { statusOf } from '../sessions/find.ts';
import type { EmailAddress } from './email.ts';
import { type ParsedFields, plainNames } from './fields.ts';
import { type Metadata, mergeMetadata, sortedMetadata } from './metadata.ts';
import { noticesOf } from './notices.ts';
import { assertCurrent, type Expectation, emailManaged, wrongCurrentPassword } from './user-errors.ts';

type Values = Partial<User>;

/** A well-formed update whose password is hashed, and all else that its decision depends on. */
export interface Update extends Expectation {
  readonly id: string;
  readonly actor: Actor;
  readonly fields: ParsedFields;
  readonly password: NewPassword | null;
  /** The stored hash that the given current password matched. */
  readonly verifiedHash: string | null;
  /** The password is set by a link that was mailed: all sessions end, whatever the settings say. */
  readonly isReset?: boolean;
  readonly policy: SessionPolicy;
  readonly now: Date;
}

/**
 * Which changes end the user's other sessions: whoever got in before, by the old password, mailbox or, with another issuer,
 * external id, is out.
 */
export type SessionPolicy = Pick<
  Config,
  'PASSWORD_CHANGE_ENDS_SESSIONS' | 'EMAIL_CHANGE_ENDS_SESSIONS' | 'AUTH_ISSUER'
>;

/** What an update does, and what follows from it. */
export interface DecidedUpdate extends Omit<UserChanges, 'insert'> {
  /** What the user is told. */
  readonly mails: readonly Mail[];
  /** What is recorded, besides the sessions that it ends, which are known later. */
  readonly events: readonly NewEvent[];
}

/**
 * Decides what an update does, or null when every value equals what is stored. Pure: given the rows as just read, so it may
 * be decided again on newer ones. Throws the refusals that need the stored rows.
 */
export function decideUpdate(stored: StoredUser, update: Update): DecidedUpdate | null {
  const { id, actor, fields, now, policy, verifiedHash, isReset = false } = update;
  const { user } = stored;
  assertCurrent(user, id, update);
  if (sessionOf(update) !== null && !(stored.session && statusOf(stored.session, now) === 'active'))
    throw invalidToken();
  if (verifiedHash !== null && stored.password?.hash !== verifiedHash) throw wrongCurrentPassword();

  const changed = { ...plainChanges(user, fields), ...emailChanges(user, fields), ...metadataChanges(user, fields) };
  const password = update.password && !isSamePassword(stored.password, update.password) ? update.password : null;
  if (Object.keys(changed).length === 0 && !password) return null;
  const { version, updatedAt } = nextVersion(user, now);
  const data = { version, updatedAt, ...changed };
  const after = { ...user, ...data };
  const unlinked = findUnlinked(stored.identities, data);
  const unlink = unlinked.map((identity) => identity.id);
  return {
    user: after,
    data,
    unlink,
    password: password && { userId: user.id, changedAt: updatedAt, ...password },
    endSessions:
      isReset || endsSessions(data, password, policy)
        ? { userId: user.id, keptId: actingUser(actor)?.sessionId ?? null, endedAt: updatedAt }
        : null,
    endCodes: codesEndedBy(causesOf(data, password), user.id, updatedAt),
    mails: noticesOf(user, stored.identities, { data, unlink, password, isReset }),
    events: eventsOf(user, after, { unlinked, hasNewPassword: password !== null }),
  };
}

function eventsOf(
  before: User,
  user: User,
  { unlinked, hasNewPassword }: { unlinked: readonly Identity[]; hasNewPassword: boolean },
): NewEvent[] {
  const hasNewAddress = user.emailCanonical !== before.emailCanonical;
  const events: NewEvent[] = [{ type: 'user.updated', user, before }];
  if (hasNewAddress) events.push({ type: 'user.email_changed', user, before });
  if (user.emailVerified && (hasNewAddress || !before.emailVerified))
    events.push({ type: 'user.email_verified', user });
  if (hasNewPassword) events.push({ type: 'user.password_changed', user, reason: 'set' });
  for (const identity of unlinked) events.push({ type: 'identity.unlinked', user, identity, reason: 'email_changed' });
  return events;
}

/** What of an update makes codes and tokens useless that were given out before. */
function causesOf({ emailCanonical, emailVerified }: Values, password: StoredPassword | null): Cause[] {
  return [
    ...(emailCanonical !== undefined ? (['address changed'] as const) : []),
    ...(emailVerified ? (['address verified'] as const) : []),
    ...(password ? (['password set'] as const) : []),
  ];
}

/** The session, if any, by which a password is changed: while it was being hashed, somebody may have revoked that. */
export function sessionOf({ actor, password }: Pick<Update, 'actor' | 'password'>): string | null {
  return password && (actingUser(actor)?.sessionId ?? null);
}

/** The identities that go with a changed address: all that do not match it. */
function findUnlinked(identities: readonly Identity[], { emailCanonical }: Values): Identity[] {
  if (emailCanonical === undefined) return [];
  return identities.filter((identity) => identity.emailCanonical !== emailCanonical);
}

function endsSessions(data: Values, password: StoredPassword | null, policy: SessionPolicy): boolean {
  if (password && policy.PASSWORD_CHANGE_ENDS_SESSIONS) return true;
  if (data.externalId !== undefined && policy.AUTH_ISSUER) return true;
  return data.emailCanonical !== undefined && policy.EMAIL_CHANGE_ENDS_SESSIONS;
}

/** Every real change grows the version by one and moves `updatedAt` forward, also when the clock does not. */
export function nextVersion(user: Pick<User, 'version' | 'updatedAt'>, now: Date) {
  const updatedAt = new Date(Math.max(now.getTime(), user.updatedAt.getTime() + 1));
  return { version: user.version + 1, updatedAt };
}

function plainChanges(user: User, fields: ParsedFields): Values {
  const changed: Values = {};
  for (const name of plainNames) {
    const value = fields[name];
    if (value !== undefined && value !== user[name]) changed[name] = value;
  }
  return changed;
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
  if (user.managed) throw emailManaged('email');
  return { email: address, emailCanonical: canonical, ...(user.emailVerified !== emailVerified && { emailVerified }) };
}

function metadataChanges(user: User, { metadata: patch }: ParsedFields): Values {
  if (patch === undefined) return {};
  const stored = sortedMetadata(user.metadata as Metadata);
  const metadata = patch === null ? {} : mergeMetadata(stored, patch);
  return JSON.stringify(metadata) === JSON.stringify(stored) ? {} : { metadata };
}

/** A new password never is the same: its salted hash cannot equal the stored one. An imported hash can. */
function isSamePassword(stored: Password | null, password: StoredPassword): boolean {
  return (
    stored?.hash === password.hash && stored.type === password.type && stored.saltPosition === password.saltPosition
  );
}
