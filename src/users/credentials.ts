import { DomainError, type Issue } from '../errors.ts';
import { parseImportedHash } from '../passwords/imported-hash.ts';
import type { NewPassword, StoredPassword } from '../passwords/stored-password.ts';
import { type Actor, callerOf } from '../principal/principal.ts';
import { credentialNames, type ParsedFields } from './fields.ts';
import type { UsersApp } from './users-app.ts';

/** The words that make a password easy to guess for this user: the stored ones and the ones being set. */
export interface KnownWords {
  readonly email?: string;
  readonly firstName?: string | null;
  readonly lastName?: string | null;
  readonly name?: string | null;
  readonly externalId?: string | null;
}

/** Whether an input has anything of a password in it, which takes look-ups and hashing. */
export function hasCredentials(fields: ParsedFields): boolean {
  return credentialNames.some((name) => fields[name] !== undefined);
}

/** Every problem with a password or a password hash: what may stand together, and how strong it is. */
export async function findCredentialIssues(app: UsersApp, fields: ParsedFields, known: KnownWords): Promise<Issue[]> {
  const group = findGroupIssue(fields);
  if (group) return [group];
  if (fields.passwordHash !== undefined) return findHashIssues(fields);
  if (fields.password === undefined) return [];
  const own = [fields.email?.address, fields.firstName, fields.lastName, fields.name, fields.externalId];
  const stored = [known.email, known.firstName, known.lastName, known.name, known.externalId];
  const words = [...own, ...stored].filter((word) => typeof word === 'string');
  const issues = await app.passwords.findStrengthIssues(fields.password, words);
  return issues.map((issue) => ({ ...issue, field: 'password' }));
}

/** WorkOS's exclusive groups, in the order in which WorkOS names them. */
function findGroupIssue(fields: ParsedFields): Issue | null {
  const { password, passwordHash: hash, passwordHashType: type, passwordSaltPosition: position } = fields;
  if (password !== undefined && hash !== undefined) {
    return issue('password_and_password_hash_provided', 'passwordHash', 'Give either a password or a password hash.');
  }
  if (password !== undefined && type !== undefined) {
    const message = 'A password hash type belongs to a password hash, not to a password.';
    return issue('password_and_password_hash_type_provided', 'passwordHashType', message);
  }
  if (position !== undefined && hash === undefined) {
    const message = 'A salt position belongs to a password hash.';
    return issue('password_salt_position_requires_password_hash', 'passwordSaltPosition', message);
  }
  if (hash !== undefined && type === undefined) {
    return missing('passwordHashType', 'A password hash needs its type.');
  }
  if (type !== undefined && hash === undefined) {
    return missing('passwordHash', 'A password hash type needs its hash.');
  }
  if (position !== undefined && type !== 'ssha256') {
    return issue('invalid_request_parameters', 'passwordSaltPosition', 'Only SSHA256 hashes have a salt position.');
  }
  return null;
}

function issue(code: string, field: string, message: string): Issue {
  return { field, code, message };
}

function missing(field: string, message: string): Issue {
  return { ...issue('invalid_request_parameters', field, message), reason: 'required' };
}

function findHashIssues(fields: ParsedFields): Issue[] {
  try {
    parseHash(fields);
    return [];
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return [issue(error.code, 'passwordHash', error.message)];
  }
}

/** The password to store, if the input brings one. Hashing is slow on purpose: call it outside a transaction. */
export async function preparePassword(
  app: UsersApp,
  fields: ParsedFields,
  actor: Actor,
): Promise<NewPassword | undefined> {
  if (fields.password !== undefined) {
    return { ...(await app.passwords.hash(fields.password, callerOf(actor))), origin: 'set' };
  }
  return importedPassword(fields);
}

/** The password hash that the input brings along, if it does. Throws `invalid_password_hash`. */
export function importedPassword(fields: ParsedFields): NewPassword | undefined {
  const imported = parseHash(fields);
  return imported && { ...imported, origin: 'imported' };
}

function parseHash({ passwordHash, passwordHashType, passwordSaltPosition }: ParsedFields): StoredPassword | undefined {
  if (passwordHash === undefined || passwordHashType === undefined) return undefined;
  return parseImportedHash({ passwordHash, passwordHashType, ...(passwordSaltPosition && { passwordSaltPosition }) });
}
