import type { Principal } from '../auth/principal.ts';
import type { Scope } from '../auth/scopes.ts';
import { DomainError, type Issue } from '../errors.ts';
import { plainFields } from './fields.ts';
import { userNotFound } from './refusals.ts';

/** What a signed-in user may do with a field of their own. Of anybody else they may do nothing. */
type Own = 'read' | 'read and set' | 'set' | 'nothing';

interface FieldAccess {
  /** The scope that an API key needs to read the field; null: nobody reads it. */
  readonly read: Scope | null;
  /** The scope that an API key needs to set it; null: it is not set by anybody. */
  readonly set: Scope | null;
  readonly own: Own;
}

const fixed: FieldAccess = { read: 'users:read', set: null, own: 'read' };
const backend: FieldAccess = { read: 'users:read', set: 'users:write', own: 'read' };
const personal: FieldAccess = { read: 'users:read', set: 'users:write', own: 'read and set' };
const credential: FieldAccess = { read: null, set: 'users:credentials', own: 'nothing' };

/** Who may read and set each field of a user. A plain field that is not here is for backends to set. */
export const userAccess: Readonly<Record<string, FieldAccess>> = {
  id: fixed,
  email: backend, // a user changes it in a flow that confirms the new address
  emailVerified: backend,
  firstName: personal,
  lastName: personal,
  name: personal,
  locale: personal,
  metadata: backend,
  managed: fixed,
  profilePictureUrl: fixed,
  lastSignInAt: fixed,
  createdAt: fixed,
  updatedAt: fixed,
  version: fixed,
  identities: fixed,
  sessions: { ...fixed, read: 'sessions:read' },
  password: { ...credential, own: 'set' }, // with the right currentPassword
  currentPassword: { ...credential, own: 'set' },
  passwordHash: credential,
  passwordHashType: credential,
  passwordSaltPosition: credential,
};

/** Whether somebody may read a field of a user. A user is only ever shown themselves, so whose it is needs no check. */
export function mayRead(principal: Principal, field: string): boolean {
  const { read = null, own = 'nothing' } = accessOf(field);
  return principal.kind === 'api-key' ? hasScope(principal, read) : own.startsWith('read');
}

/** Whether somebody may set a field of a user; of themselves, where they are one. */
export function maySet(principal: Principal, field: string): boolean {
  const { set = null, own = 'nothing' } = accessOf(field);
  if (principal.kind === 'api-key') return hasScope(principal, set);
  return principal.kind === 'user' && own.endsWith('set');
}

function accessOf(field: string): Partial<FieldAccess> {
  if (Object.hasOwn(userAccess, field)) return userAccess[field] as FieldAccess;
  return Object.hasOwn(plainFields, field) ? backend : {};
}

function hasScope(principal: Principal, scope: Scope | null): boolean {
  return principal.kind === 'api-key' && scope !== null && principal.scopes.includes(scope);
}

/** Throws `forbidden` unless an API key has every scope. */
export function assertScopes(principal: Principal, needed: readonly Scope[]): void {
  const missing = needed.filter((scope) => !hasScope(principal, scope));
  if (missing.length === 0) return;
  const message =
    principal.kind === 'api-key'
      ? `This API key lacks the scope ${missing.join(' and ')}.`
      : 'An access token does not allow this. It takes an API key.';
  throw new DomainError('forbidden', message);
}

/**
 * Throws `forbidden`, naming every field that the principal may not set. To a user, another user does not exist: their id
 * is answered like an unknown one, with `entity_not_found`.
 */
export function assertMayUpdate(principal: Principal, id: string, input: unknown): void {
  if (principal.kind === 'user' && principal.userId !== id) throw userNotFound(id);
  if (principal.kind !== 'user') assertScopes(principal, ['users:write']);
  assertMaySet(principal, input);
}

/** Throws `forbidden`, naming every field that the principal may not set. Fields that do not exist pass: they are malformed. */
export function assertMaySet(principal: Principal, input: unknown): void {
  const given = Object.entries(input ?? {}).filter(([field, value]) => value !== undefined && 'own' in accessOf(field));
  assertFields(
    principal,
    given.map(([field]) => field).filter((field) => !maySet(principal, field)),
    'set',
  );
}

/** Throws `forbidden`, naming every field that the principal may not read. */
export function assertMayRead(principal: Principal, fields: Iterable<string>): void {
  assertFields(
    principal,
    [...fields].filter((field) => !mayRead(principal, field)),
    'read',
  );
}

function assertFields(principal: Principal, forbidden: string[], verb: 'read' | 'set'): void {
  const [field] = forbidden;
  if (field === undefined) return;
  const issues: Issue[] = forbidden.map((name) => ({
    field: name,
    code: 'forbidden',
    message: explain(principal, name, verb),
  }));
  if (forbidden.length === 1) throw new DomainError('forbidden', (issues[0] as Issue).message, { field });
  throw new DomainError(
    'forbidden',
    `Several fields may not be ${verb === 'set' ? 'set' : 'read'}; nothing was done.`,
    { issues },
  );
}

function explain(principal: Principal, field: string, verb: 'read' | 'set'): string {
  if (principal.kind !== 'api-key') return `An access token does not allow to ${verb} ${field}.`;
  const scope = accessOf(field)[verb];
  return scope
    ? `This API key lacks the scope ${scope}, so it cannot ${verb} ${field}.`
    : `Nobody can ${verb} ${field}.`;
}
