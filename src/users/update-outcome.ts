import { mailMode } from '../config/mail-mode.ts';
import type { Config } from '../config/settings.ts';
import type { Identity, StoredUser, User } from '../db/database.ts';
import { DomainError, type Issue } from '../errors.ts';
import type { EventType } from '../events/event-types.ts';
import { type DecidedUpdate, decideUpdate, type Update } from './changes.ts';
import { type ParsedFields, plainNames } from './fields.ts';

/** What is wrong with an input. */
export interface UpdateProblem extends Issue {
  /** Found by a look-up: by the time of the update another user may have taken the value, or given it back. */
  readonly isLookUp: boolean;
}

/** One field of a user, before and after. */
export interface FieldChange {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** How a user can sign in. */
export const signInMethods = ['password', 'identity', 'email_code'] as const;
export type SignInMethod = (typeof signInMethods)[number];

/** What somebody who asks for an update may not have meant. */
export const updateWarnings = [
  'no_way_to_sign_in',
  'metadata_cleared',
  'email_becomes_unverified',
  'current_password_not_checked',
] as const;
export type UpdateWarning = (typeof updateWarnings)[number];

/**
 * Decides an update as often as there is something in it that the stored rows do not allow, each time without that, so that every
 * problem is told. Where there is one, nothing is decided: the update would do nothing.
 */
export function decideOrExplain(
  stored: StoredUser,
  update: Update,
): { decided: DecidedUpdate | null; problems: UpdateProblem[] } {
  const problems: UpdateProblem[] = [];
  let [fields, expectation]: [ParsedFields, Pick<Update, 'expectedVersion'>] = [update.fields, update];
  for (;;) {
    try {
      const decided = decideUpdate(stored, { ...update, fields, expectedVersion: expectation.expectedVersion });
      return { decided: problems.length > 0 ? null : decided, problems };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const { field, currentVersion } = error.details;
      if (currentVersion !== undefined) expectation = {};
      else if (field !== undefined && field in fields) fields = { ...fields, [field]: undefined };
      else throw error;
      problems.push({ ...problemOf(error), isLookUp: false });
    }
  }
}

/** The error of one problem, as an entry among several. */
export function problemOf({ code, message, details: { field } }: DomainError): Issue {
  return { ...(field !== undefined && { field }), code, message };
}

/** The fields that clients see and that an update gives another value. Of a password is only told that it is another one. */
export function fieldChanges(before: User, { user: after, data, password }: DecidedUpdate): FieldChange[] {
  const names = ['email', 'emailVerified', ...plainNames, 'metadata'] as const;
  const changed = names.filter((name) => data[name] !== undefined);
  return [
    ...changed.map((field) => ({ field, before: before[field], after: after[field] })),
    ...(password ? [{ field: 'password', before: null, after: null }] : []),
  ];
}

/** The types of the events that it has recorded, each once and in their order. */
export function eventTypesOf(
  decided: DecidedUpdate,
  endedSessions: number,
  { EVENTS_RETENTION_DAYS }: Pick<Config, 'EVENTS_RETENTION_DAYS'>,
): EventType[] {
  if (EVENTS_RETENTION_DAYS === 0) return [];
  const types = decided.events.map(({ type }) => type);
  return [...new Set<EventType>(endedSessions > 0 ? [...types, 'session.revoked'] : types)];
}

/** How the user can sign in afterwards. Nobody but whoever manages a user has codes and passwords of theirs. */
export function signInMethodsOf(
  user: User,
  { hasPassword, identities }: { hasPassword: boolean; identities: readonly Identity[] },
  config: Parameters<typeof mailMode>[0],
): SignInMethod[] {
  return [
    ...(hasPassword ? (['password'] as const) : []),
    ...(identities.length > 0 ? (['identity'] as const) : []),
    ...(!user.managed && mailMode(config) !== 'off' ? (['email_code'] as const) : []),
  ];
}

/** What the caller may not have meant. */
export function warningsOf(
  before: User,
  after: User,
  { methods, fields }: { methods: readonly SignInMethod[]; fields: ParsedFields },
): UpdateWarning[] {
  const had = Object.keys(before.metadata as object).length > 0;
  const has = Object.keys(after.metadata as object).length > 0;
  return [
    ...(methods.length === 0 ? (['no_way_to_sign_in'] as const) : []),
    ...(had && !has ? (['metadata_cleared'] as const) : []),
    ...(before.emailVerified && !after.emailVerified ? (['email_becomes_unverified'] as const) : []),
    ...(fields.currentPassword !== undefined ? (['current_password_not_checked'] as const) : []),
  ];
}
