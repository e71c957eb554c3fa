import {
  type Content,
  ofAuthentication,
  ofChangedEmail,
  ofCode,
  ofEmailChange,
  ofIdentity,
  ofImport,
  ofPassword,
  ofSession,
  ofToken,
  ofUser,
  ofVerifiedEmail,
  type Presenters,
} from './event-data.ts';

/** A type of event: whose it is, and how its data are made of what it tells of. */
interface Kind<Subject> {
  /** WorkOS's SDKs lose, or refuse, what they do not know: Roster's own are for who asks for them by name. */
  readonly isOwn: boolean;
  readonly describe: string;
  build(subject: Subject, present: Presenters, now: Date): Content;
}

type Build<Subject> = Kind<Subject>['build'];

function workos<Subject>(describe: string, build: Build<Subject>): Kind<Subject> {
  return { isOwn: false, describe, build };
}

function own<Subject>(describe: string, build: Build<Subject>): Kind<Subject> {
  return { isOwn: true, describe, build };
}

/** Everything that is recorded. The names are kept in the database, and by whoever reads them: a name that was used stays. */
export const eventTypes = {
  'user.created': workos('A user was made.', ofUser),
  'user.updated': workos('A user changed; so they do with every new `version`.', ofUser),
  'user.deleted': workos('A user was deleted. Their data are those that they had last.', ofUser),
  'session.created': workos('A user signed in.', ofSession),
  'session.revoked': workos('A session was ended before its time.', ofSession),
  'authentication.password_succeeded': workos('A sign-in with a password.', ofAuthentication('password')),
  'authentication.password_failed': workos('A sign-in with a password was refused.', ofAuthentication('password')),
  'authentication.magic_auth_succeeded': workos('A sign-in with a code by mail.', ofAuthentication('magic_auth')),
  'authentication.magic_auth_failed': workos(
    'A sign-in with a code by mail was refused.',
    ofAuthentication('magic_auth'),
  ),
  'authentication.email_verification_succeeded': workos(
    'A sign-in that verified the address.',
    ofAuthentication('email_verification'),
  ),
  'authentication.email_verification_failed': workos(
    'A sign-in that was to verify the address was refused.',
    ofAuthentication('email_verification'),
  ),
  'email_verification.created': workos('A code was made that verifies an address.', ofCode('email_verification')),
  'magic_auth.created': workos('A code was made to sign in with.', ofCode('magic_auth')),
  'password_reset.created': workos('A token was made to set a new password with.', ofToken('password_reset')),
  'password_reset.succeeded': workos('A new password was set with such a token.', ofToken('password_reset')),
  'email_change.created': own('A code was made that changes the address.', ofEmailChange),
  'user.email_changed': own('The address changed, by more than its case.', ofChangedEmail),
  'user.email_verified': own('The address is verified now.', ofVerifiedEmail),
  'user.password_changed': own('A password was set, or taken away.', ofPassword),
  'identity.linked': own('An account at a provider was linked, or has another address.', ofIdentity('linked_at')),
  'identity.unlinked': own('An account at a provider was unlinked.', ofIdentity('unlinked_at')),
  'import.completed': own('An import came to its end.', ofImport),
} as const;

type Types = typeof eventTypes;

export type EventType = keyof Types;

/** What happened, and what it tells of. */
export type NewEvent = {
  [Type in EventType]: { readonly type: Type } & Parameters<Types[Type]['build']>[0];
}[EventType];

export const allEventTypes = Object.keys(eventTypes) as EventType[];

/** What is told to whoever does not say what they ask for. */
export const workosEventTypes = allEventTypes.filter((type) => !eventTypes[type].isOwn);

export function isEventType(text: string): text is EventType {
  return Object.hasOwn(eventTypes, text);
}
