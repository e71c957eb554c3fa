import { whereLive } from '../codes/live.ts';
import type { Identity, Session, StoredUser, User } from '../db/database.ts';
import { DomainError, type Issue } from '../errors.ts';
import type { EventType } from '../events/event-types.ts';
import { lookupKey } from '../input/ids.ts';
import { type Actor, actingUser } from '../principal/principal.ts';
import { whereActive } from '../sessions/find.ts';
import { assertMayUpdate } from './access.ts';
import type { DecidedUpdate, Update } from './changes.ts';
import { findTaken } from './conflicts.ts';
import { importedPassword } from './credentials.ts';
import { changePurposes, type PendingChange, pendingChange } from './email-change.ts';
import type { ParsedFields } from './fields.ts';
import { judgeInput } from './judged-input.ts';
import {
  decideOrExplain,
  eventTypesOf,
  type FieldChange,
  fieldChanges,
  problemOf,
  type SignInMethod,
  signInMethodsOf,
  type UpdateProblem,
  type UpdateWarning,
  warningsOf,
} from './update-outcome.ts';
import { type Expectation, userNotFound } from './user-errors.ts';
import type { UsersApp } from './users-app.ts';

/** What an update would do. Where there are problems, it would do nothing. */
export interface UserUpdatePreview {
  /** The user as they are. */
  readonly user: User;
  readonly problems: readonly UpdateProblem[];
  readonly wouldChange: readonly FieldChange[];
  readonly unlinkedIdentities: readonly Identity[];
  readonly endedSessions: EndedSessions;
  readonly invalidatedCodes: readonly { readonly purpose: string; readonly count: number }[];
  /** The pending change of the address that would come to nothing. */
  readonly cancelledEmailChange: PendingChange | null;
  readonly events: readonly EventType[];
  readonly signInMethodsAfter: readonly SignInMethod[];
  readonly warnings: readonly UpdateWarning[];
}

interface EndedSessions {
  readonly count: number;
  /** The newest of them. */
  readonly sessions: readonly Session[];
}

/** So many sessions are shown. */
const maxShown = 20;

const nothingEnds: EndedSessions = { count: 0, sessions: [] };

/** Stands for a password that is not hashed: it equals no stored one. */
const unhashed = { hash: '', type: 'argon2', saltPosition: null, origin: 'set' } as const;

/**
 * What `updateUser` would do with this input at this moment, and everything that is wrong with it; whoever may update may ask.
 * Writes nothing, hashes no password and compares none. Throws `entity_not_found` and `forbidden` as the update does.
 */
export async function previewUpdateUser(
  app: UsersApp,
  actor: Actor,
  id: string,
  input: unknown,
  expectation: Expectation = {},
): Promise<UserUpdatePreview> {
  assertMayUpdate(app.config, actor, id, input);
  const stored = await readStored(app, actor, id);
  const { fields, issues } = await judgeAll(app, actor, id, input);
  const password = fields.password === undefined ? importedIn(fields) : unhashed;
  const now = app.now();
  const update = { ...expectation, id, actor, fields, password, verifiedHash: null, policy: app.config, now };
  const { decided, problems: ofState } = decideOrExplain(stored, update);
  const [taken = []] = await findTaken(app.db, [{ id: stored.user.id, ...fields }]);
  const problems = [
    ...issues.map((issue) => ({ ...issue, isLookUp: false })),
    ...ofState,
    ...taken.map((issue) => ({ ...issue, isLookUp: true })),
  ];
  return { problems, ...(await outcomeOf(app, stored, update, problems.length > 0 ? null : decided)) };
}

type Stored = StoredUser & { readonly user: User };

/** All that an update may be decided on. */
async function readStored({ db: { reader } }: UsersApp, actor: Actor, typed: string): Promise<Stored> {
  const id = lookupKey(typed);
  const include = { password: true, identities: { orderBy: { id: 'asc' } } } as const;
  const found = await reader.user.findUnique({ where: { id }, include });
  if (!found) throw userNotFound(typed);
  const { password, identities, ...user } = found;
  const sessionId = actingUser(actor)?.sessionId ?? null;
  const session = sessionId === null ? null : await reader.session.findUnique({ where: { id: sessionId } });
  return { user, password, identities, session };
}

/** Everything that is wrong with the form of an input, also where it is too much to be understood. */
async function judgeAll(
  app: UsersApp,
  actor: Actor,
  id: string,
  input: unknown,
): Promise<{ fields: ParsedFields; issues: Issue[] }> {
  try {
    return await judgeInput(app, actor, id, input);
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'invalid_request_parameters') throw error;
    return { fields: {}, issues: error.details.issues ?? [problemOf(error)] };
  }
}

/** A hash that is not well-formed is among the problems. */
function importedIn(fields: ParsedFields): Update['password'] {
  try {
    return importedPassword(fields) ?? null;
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
}

async function outcomeOf(
  app: UsersApp,
  stored: Stored,
  { fields, now }: Update,
  decided: DecidedUpdate | null,
): Promise<Omit<UserUpdatePreview, 'problems'>> {
  const { user: before, identities } = stored;
  const unlinked = identities.filter(({ id }) => decided?.unlink.includes(id));
  const after = decided?.user ?? before;
  const hasPassword = stored.password !== null || (decided?.password ?? null) !== null;
  const left = identities.filter((identity) => !unlinked.includes(identity));
  const methods = signInMethodsOf(after, { hasPassword, identities: left }, app.config);
  const endedSessions = decided ? await findEnding(app, decided) : nothingEnds;
  return {
    user: before,
    wouldChange: decided ? fieldChanges(before, decided) : [],
    unlinkedIdentities: unlinked,
    endedSessions,
    ...(await findDyingCodes(app, decided, now)),
    events: decided ? eventTypesOf(decided, endedSessions.count, app.config) : [],
    signInMethodsAfter: methods,
    warnings: warningsOf(before, after, { methods, fields }),
  };
}

/** The sessions that the statement of the update would end. */
async function findEnding({ db: { reader } }: UsersApp, { endSessions }: DecidedUpdate): Promise<EndedSessions> {
  if (!endSessions) return nothingEnds;
  const { userId, keptId, endedAt } = endSessions;
  const where = { userId, ...whereActive(endedAt), ...(keptId !== null && { id: { not: keptId } }) };
  const [count, sessions] = await Promise.all([
    reader.session.count({ where }),
    reader.session.findMany({ where, orderBy: { id: 'desc' }, take: maxShown }),
  ]);
  return { count, sessions };
}

/** The codes and tokens that could still be used, and could not after it. */
async function findDyingCodes(
  { db: { reader } }: UsersApp,
  decided: DecidedUpdate | null,
  now: Date,
): Promise<Pick<UserUpdatePreview, 'invalidatedCodes' | 'cancelledEmailChange'>> {
  const purposes = decided?.endCodes?.purposes ?? [];
  if (!decided || purposes.length === 0) return { invalidatedCodes: [], cancelledEmailChange: null };
  const live = { userId: decided.user.id, ...whereLive(now) };
  const pending = { ...live, purpose: { in: changePurposes.filter((purpose) => purposes.includes(purpose)) } };
  const [groups, change] = await Promise.all([
    reader.oneTimeCode.groupBy({
      by: ['purpose'],
      where: { ...live, purpose: { in: [...purposes] } },
      _count: true,
      orderBy: { purpose: 'asc' },
    }),
    reader.oneTimeCode.findFirst({ where: pending, orderBy: { id: 'desc' } }),
  ]);
  return {
    invalidatedCodes: groups.map(({ purpose, _count: count }) => ({ purpose, count })),
    cancelledEmailChange: change && pendingChange(change),
  };
}
