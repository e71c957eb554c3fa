import type { Config } from '../config/settings.ts';
import { DomainError, type Issue } from '../errors.ts';
import { assertScopes, hasScope } from '../principal/authorization.ts';
import { type Actor, actingUser, isTrusted, type Principal } from '../principal/principal.ts';
import type { Scope } from '../principal/scopes.ts';
import { plainFields } from './fields.ts';
import { userNotFound } from './user-errors.ts';

/** What a signed-in user may do with a field of their own. Of anybody else they may do nothing. */
interface OwnAccess {
  readonly read: boolean;
  readonly set: boolean;
}

interface FieldAccess {
  /** The scope that an API key needs to read the field; null: nobody reads it. */
  readonly read: Scope | null;
  /** The scope that an API key needs to set it; null: it is not set by anybody. */
  readonly set: Scope | null;
  readonly own: OwnAccess;
  /** The user signs in by it where another issuer's tokens are accepted: then it takes the scope of a credential. */
  readonly isLogin?: true;
}

/** What the access to a login depends on. */
export type LoginPolicy = Pick<Config, 'AUTH_ISSUER'>;

const fixed: FieldAccess = { read: 'users:read', set: null, own: { read: true, set: false } };
const backend: FieldAccess = { read: 'users:read', set: 'users:write', own: { read: true, set: false } };
const personal: FieldAccess = { read: 'users:read', set: 'users:write', own: { read: true, set: true } };
const credential: FieldAccess = { read: null, set: 'users:credentials', own: { read: false, set: false } };

/** Who may read and set each field of a user. A plain field that is not here is for backends to set. */
export const userAccess: Readonly<Record<string, FieldAccess>> = {
  id: fixed,
  email: backend, // a user changes it in a flow that confirms the new address
  emailVerified: backend,
  firstName: personal,
  lastName: personal,
  name: personal,
  locale: personal,
  externalId: { ...backend, isLogin: true },
  metadata: backend,
  managed: fixed,
  profilePictureUrl: fixed,
  lastSignInAt: fixed,
  createdAt: fixed,
  updatedAt: fixed,
  version: fixed,
  identities: fixed,
  sessions: { ...fixed, read: 'sessions:read' },
  history: { ...fixed, read: 'events:read' },
  password: { ...credential, own: { read: false, set: true } }, // with the right currentPassword
  currentPassword: { ...credential, own: { read: false, set: true } },
  passwordHash: credential,
  passwordHashType: credential,
  passwordSaltPosition: credential,
};

/** Whether somebody may read a field of a user. A user is only ever shown themselves, so whose it is needs no check. */
export function mayRead(principal: Principal, field: string): boolean {
  const { read = null, own } = accessOf(field);
  return principal.kind === 'api-key' ? hasScope(principal, read) : own?.read === true;
}

/** Whether somebody may set a field of a user; of themselves, where they are one. */
function maySet(policy: LoginPolicy, actor: Actor, field: string): boolean {
  if (isTrusted(actor) || actor.kind === 'api-key') return hasScope(actor, scopeToSet(policy, field));
  return actor.kind === 'user' && accessOf(field).own?.set === true;
}

function scopeToSet({ AUTH_ISSUER }: LoginPolicy, field: string): Scope | null {
  const { set = null, isLogin } = accessOf(field);
  return isLogin && AUTH_ISSUER ? 'users:credentials' : set;
}

function accessOf(field: string): Partial<FieldAccess> {
  if (Object.hasOwn(userAccess, field)) return userAccess[field] as FieldAccess;
  return Object.hasOwn(plainFields, field) ? backend : {};
}

/**
 * Throws `forbidden`, naming every field that the actor may not set. To a user, another user does not exist: their id
 * is answered like an unknown one, with `entity_not_found`.
 */
export function assertMayUpdate(policy: LoginPolicy, actor: Actor, id: string, input: unknown): void {
  assertMayActOn(actor, id);
  assertMaySet(policy, actor, input);
}

/** Throws unless it is the user themselves, or an API key that may change users. To a user, another user does not exist. */
export function assertMayActOn(actor: Actor, id: string): void {
  const user = actingUser(actor);
  if (user && user.userId !== id) throw userNotFound(id);
  if (!user) assertScopes(actor, ['users:write']);
}

/** Throws `forbidden` for an API key that may not have what opens any account. Whoever has none acts for themselves. */
export function assertMayOpenAccounts(principal: Principal): void {
  if (principal.kind === 'api-key') assertScopes(principal, ['users:credentials']);
}

/** Throws `forbidden`, naming every field that the actor may not give a new user. */
export function assertMayCreate(policy: LoginPolicy, actor: Actor, input: unknown): void {
  assertScopes(actor, ['users:write']);
  assertMaySet(policy, actor, input);
}

/** Throws `forbidden` unless an API key may link identities. They are a way to sign in. */
export function assertMayLink({ AUTH_ISSUER }: LoginPolicy, actor: Actor): void {
  assertScopes(actor, AUTH_ISSUER ? ['users:write', 'users:credentials'] : ['users:write']);
}

/** Fields that do not exist pass: they are malformed. */
function assertMaySet(policy: LoginPolicy, actor: Actor, input: unknown): void {
  const values = (input ?? {}) as Readonly<Record<string, unknown>>;
  const forbidden = Object.keys(values).filter(
    (field) => values[field] !== undefined && 'own' in accessOf(field) && !maySet(policy, actor, field),
  );
  assertFields(actor, forbidden, 'set', (field) => scopeToSet(policy, field));
}

/** Throws `forbidden`, naming every field that the principal may not read. */
export function assertMayRead(principal: Principal, fields: Iterable<string>): void {
  const forbidden = [...fields].filter((field) => !mayRead(principal, field));
  assertFields(principal, forbidden, 'read', (field) => accessOf(field).read ?? null);
}

function assertFields(
  actor: Actor,
  forbidden: string[],
  verb: 'read' | 'set',
  scopeOf: (field: string) => Scope | null,
): void {
  const [field] = forbidden;
  if (field === undefined) return;
  const issues: Issue[] = forbidden.map((name) => ({
    field: name,
    code: 'forbidden',
    message: explain(actor, name, verb, scopeOf(name)),
  }));
  if (forbidden.length === 1) throw new DomainError('forbidden', (issues[0] as Issue).message, { field });
  throw new DomainError(
    'forbidden',
    `Several fields may not be ${verb === 'set' ? 'set' : 'read'}; nothing was done.`,
    { issues },
  );
}

function explain(actor: Actor, field: string, verb: 'read' | 'set', scope: Scope | null): string {
  if (isTrusted(actor) || actor.kind !== 'api-key') return `An access token does not allow to ${verb} ${field}.`;
  return scope
    ? `This API key lacks the scope ${scope}, so it cannot ${verb} ${field}.`
    : `Nobody can ${verb} ${field}.`;
}
