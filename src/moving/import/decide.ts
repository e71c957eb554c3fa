import type { Identity, Password, User } from '../../db/database.ts';
import { nextVersion } from '../../users/changes.ts';
import { plainNames } from '../../users/fields.ts';
import { type Metadata, mergeMetadata, sortedMetadata } from '../../users/metadata.ts';
import type { Note } from '../source/import-format.ts';
import { leftOut } from './notes.ts';
import type { PreparedUser, Refusal } from './prepare.ts';

export type ConflictPolicy = 'skip' | 'update' | 'fail';

/** Everything stored that has to do with some users. */
export interface Stored {
  readonly users: readonly User[];
  /** Those of these users, and those of the accounts that the users are to have. */
  readonly identities: readonly Identity[];
  readonly passwords: readonly Pick<Password, 'userId'>[];
}

/** What is done with one user. */
export type Decision =
  | {
      readonly outcome: 'created';
      readonly user: User;
      readonly identities: Identity[];
      readonly takesPassword: true;
      readonly notes: Note[];
    }
  | {
      readonly outcome: 'updated';
      readonly user: User;
      readonly before: User;
      readonly identities: Identity[];
      readonly takesPassword: boolean;
      readonly notes: Note[];
    }
  | { readonly outcome: 'unchanged'; readonly notes: Note[] }
  | { readonly outcome: 'skipped'; readonly refusal: Refusal };

/** What is there already, by all that must be unique; users that are decided upon join it. */
interface Known {
  readonly byId: Map<string, User>;
  readonly byAddress: Map<string, User>;
  readonly byExternalId: Map<string, User>;
  readonly byAccount: Map<string, Identity>;
  readonly withPassword: Set<string>;
}

const accountOf = ({ provider, idpId }: Pick<Identity, 'provider' | 'idpId'>) => `${provider} ${idpId}`;

/** Decides what becomes of each, in order; pure. Whoever comes first in the file has what two of them claim. */
export function decideImport(
  prepared: readonly PreparedUser[],
  stored: Stored,
  policy: Exclude<ConflictPolicy, 'fail'>,
  now: Date,
): Decision[] {
  const known: Known = {
    byId: new Map(),
    byAddress: new Map(),
    byExternalId: new Map(),
    byAccount: new Map(stored.identities.map((identity) => [accountOf(identity), identity])),
    withPassword: new Set(stored.passwords.map(({ userId }) => userId)),
  };
  for (const user of stored.users) note(known, user);
  return prepared.map((one) => {
    const decision = decideOne(one, known, policy, now);
    if ('user' in decision) {
      note(known, decision.user);
      for (const identity of decision.identities) known.byAccount.set(accountOf(identity), identity);
      if (decision.takesPassword && one.password) known.withPassword.add(decision.user.id);
    }
    return decision;
  });
}

function note({ byId, byAddress, byExternalId }: Known, user: User): void {
  byId.set(user.id, user);
  byAddress.set(user.emailCanonical, user);
  if (user.externalId !== null) byExternalId.set(user.externalId, user);
}

function decideOne(one: PreparedUser, known: Known, policy: 'skip' | 'update', now: Date): Decision {
  const { user } = one;
  const matches = [
    ['id', 'id_already_used', known.byId.get(user.id)],
    [
      'externalId',
      'external_id_already_used',
      user.externalId === null ? undefined : known.byExternalId.get(user.externalId),
    ],
    ['email', 'email_not_available', known.byAddress.get(user.emailCanonical)],
  ] as const;
  const found = matches.find(([, , match]) => match !== undefined);
  if (!found) {
    const { identities, notes } = freeIdentities(one, known, user.id);
    return { outcome: 'created', user, identities, takesPassword: true, notes };
  }
  const [field, code, match] = found as [string, string, User];
  const owners = new Set(matches.flatMap(([, , owner]) => owner?.id ?? []));
  if (owners.size === 1 && isSame(one, match, known)) {
    return { outcome: 'unchanged', notes: notesOfTaken(one, known, match.id) };
  }
  if (policy === 'update' && owners.size === 1) return decideUpdate(one, match, known, now);
  const message = `${match.id} has this ${field === 'email' ? 'address' : field === 'id' ? 'id' : 'external id'}.`;
  return { outcome: 'skipped', refusal: { code, field, message } };
}

/** What a source says of nothing is no difference. Whether the password is the same nobody knows who has signed in since. */
function isSame({ user, identities, password }: PreparedUser, stored: User, known: Known): boolean {
  return (
    stored.emailCanonical === user.emailCanonical &&
    (stored.emailVerified || !user.emailVerified) &&
    (known.withPassword.has(stored.id) || password === null) &&
    identities.every((identity) => known.byAccount.has(accountOf(identity))) &&
    Object.keys(changesOf(user, stored)).length === 0
  );
}

const plain = [...plainNames, 'profilePictureUrl'] as const;

/** The fields that the source has another value for. */
function changesOf(user: User, stored: User): Partial<User> {
  const changes: Record<string, unknown> = {};
  for (const field of plain) {
    if (user[field] !== null && user[field] !== stored[field]) changes[field] = user[field];
  }
  const before = sortedMetadata(stored.metadata as Metadata);
  const metadata = { ...before, ...(user.metadata as Metadata) };
  if (JSON.stringify(sortedMetadata(metadata)) !== JSON.stringify(before)) changes.metadata = user.metadata;
  return changes;
}

/**
 * The user has what the source says. The address and whether it is verified stay, and who has not shown that the address is theirs
 * gets no way to sign in: somebody else may have made the account.
 */
function decideUpdate(one: PreparedUser, before: User, known: Known, now: Date): Decision {
  const changes = changesOf(one.user, before);
  if (changes.metadata) {
    const patch = new Map(Object.entries(changes.metadata as Metadata));
    changes.metadata = mergeMetadata(before.metadata as Metadata, patch);
  }
  const { identities, notes } = freeIdentities(one, known, before.id);
  const wantsPassword = one.password !== null && !known.withPassword.has(before.id);
  const mayEnter = before.emailVerified;
  if (!mayEnter && (identities.length > 0 || wantsPassword)) {
    const message = 'The address is not verified here: identities and password are not added.';
    notes.push(leftOut('identities', message));
  }
  const added = mayEnter ? identities : [];
  const takesPassword = mayEnter && wantsPassword;
  if (Object.keys(changes).length === 0 && added.length === 0 && !takesPassword) return { outcome: 'unchanged', notes };
  const user = { ...before, ...changes, ...nextVersion(before, now) };
  return { outcome: 'updated', user, before, identities: added, takesPassword, notes };
}

/** Those that nobody has yet, as this user's. */
function freeIdentities(one: PreparedUser, known: Known, userId: string) {
  const free = one.identities.filter((identity) => !known.byAccount.has(accountOf(identity)));
  const owned = free.map((identity) => Object.assign({}, identity, { userId }));
  return { identities: owned, notes: [...one.notes, ...notesOfTaken(one, known, userId)] };
}

/** Told each time, also where nothing changes: the file says that they are this user's. */
function notesOfTaken({ identities }: PreparedUser, { byAccount }: Known, userId: string): Note[] {
  const taken = identities.filter((identity) => (byAccount.get(accountOf(identity))?.userId ?? userId) !== userId);
  return taken.map(({ provider }) => leftOut('identities', `Another user has this account of ${provider}.`));
}
