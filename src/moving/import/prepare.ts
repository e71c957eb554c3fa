import { decodeTime } from 'ulid';
import type { Identity, Password, User } from '../../db/database.ts';
import { type ParsedInput, parseInput, requireFields } from '../../input/input-rules.ts';
import { isStorableText } from '../../input/text.ts';
import { type CarriedHash, carryHash } from '../../passwords/carry-hash.ts';
import { newUserData } from '../../users/create.ts';
import type { EmailAddress } from '../../users/email.ts';
import { plainNames, userFields } from '../../users/fields.ts';
import type { Note, PlainSource, SourceUser } from '../source/import-format.ts';
import { isUlidId, madeId } from './made-ids.ts';
import { metadataOf } from './metadata.ts';
import { momentOf } from './moments.ts';
import { leftOut } from './notes.ts';
import { prepareIdentities } from './prepare-identities.ts';

/** A user as they are to be stored, if nothing that is stored stands against it. */
export interface PreparedUser {
  readonly user: User;
  readonly identities: readonly Identity[];
  readonly password: PreparedPassword | null;
  readonly notes: readonly Note[];
}

export interface PreparedPassword {
  readonly carried: Exclude<CarriedHash, { kind: 'refused' }>;
  readonly row: Pick<Password, 'userId' | 'origin' | 'changedAt'>;
}

/** Why a record makes no user. */
export interface Refusal {
  readonly code: string;
  readonly field?: string | undefined;
  readonly message: string;
}

export interface PrepareOptions {
  /** Of the source, so that its ids make others than the same ids of another. */
  readonly format: string;
  readonly trustEmails: boolean;
  readonly splitName: boolean;
  readonly metadataAsJson: boolean;
  readonly keycloakIdpEmail: boolean;
  readonly requirePasswords: boolean;
  /** What is weak: made into argon2id, left out, or a reason to refuse the user. */
  readonly weakHashes: 'wrap' | 'skip' | 'refuse';
  /** When the import was begun: the time of what has none. */
  readonly startedAt: Date;
}

/** Without these a user would be another one, or nobody; without any other that is wrong they are still themselves. */
const essential = new Set(['email', 'externalId']);

/** Parses a user of a source by the rules of `createUser`. What is wrong and not essential is left out, and noted. */
export function prepareUser(source: SourceUser, options: PrepareOptions): PreparedUser | Refusal {
  const notes = [...(source.notes ?? [])];
  const { fields, issues } = parseFields(source, options, notes);
  const fatal = issues.find(({ field = '' }) => essential.has(field));
  if (fatal) return fatal;
  notes.push(...issues.map(({ field = '', message }) => leftOut(field, message)));

  const email = fields.email as EmailAddress;
  const { id, createdAt } = identify(source, fields.externalId ?? email.canonical, options, notes);
  const password = preparePassword(source, { userId: id, createdAt }, options, notes);
  if (password && 'code' in password) return password;
  if (!password && options.requirePasswords) {
    return { code: 'password_required', field: 'password', message: 'The user has no password that can be carried.' };
  }
  const isKept = options.format === 'roster';
  const user: User = Object.assign({ id }, newUserData(fields), {
    profilePictureUrl: pictureOf(source.profilePictureUrl, notes),
    managed: source.managed ?? false,
    lastSignInAt: momentOf(source.lastSignInAt),
    createdAt,
    updatedAt: (isKept && momentOf(source.updatedAt)) || options.startedAt,
    version: isKept && typeof source.version === 'number' ? source.version : 1,
  });
  return { user, identities: prepareIdentities(source, user, options, notes), password, notes };
}

function parseFields(
  source: SourceUser,
  { trustEmails, splitName, metadataAsJson }: PrepareOptions,
  notes: Note[],
): ParsedInput<typeof userFields> {
  const { email, emailVerified = trustEmails, firstName, lastName, name, locale, externalId } = source;
  const plain: PlainSource = {};
  for (const field of plainNames) plain[field] = source[field];
  if (splitName && !firstName && !lastName) Object.assign(plain, splitAtSpace(name));
  const input = Object.assign(plain, {
    email: email ?? undefined,
    emailVerified,
    locale: typeof locale === 'string' ? locale.replaceAll('_', '-') : locale,
    externalId: externalId ?? undefined,
    metadata: metadataOf(source.metadata ?? {}, metadataAsJson, notes),
  });
  const parsed = parseInput(userFields, input);
  requireFields(['email'], parsed.fields, parsed.issues);
  return parsed;
}

function splitAtSpace(name: unknown): PlainSource {
  const [, firstName, lastName] = (typeof name === 'string' && /^(\S+)\s+(.+)$/s.exec(name.trim())) || [];
  return { firstName, lastName };
}

/** An id of WorkOS's or of Roster's own is kept, with its time. Of others it is made, the same one each time. */
function identify(
  { id, createdAt: given }: SourceUser,
  key: string,
  { format, startedAt }: PrepareOptions,
  notes: Note[],
): { id: string; createdAt: Date } {
  const created = momentOf(given);
  if (given !== undefined && given !== null && created === null)
    notes.push(leftOut('createdAt', 'The time of creation is none.'));
  if (typeof id === 'string' && isUlidId('user', id)) {
    if (format === 'roster' && created) return { id, createdAt: created };
    const ofId = new Date(decodeTime(id.slice(-26)));
    if (created && Math.abs(created.getTime() - ofId.getTime()) >= 1000) {
      notes.push({
        code: 'changed',
        field: 'createdAt',
        message: 'The id has another time of creation, which counts.',
      });
    }
    return { id, createdAt: ofId };
  }
  const createdAt = created ?? startedAt;
  return { id: madeId('user', createdAt, [format, key]), createdAt };
}

function pictureOf(given: unknown, notes: Note[]): string | null {
  if (typeof given !== 'string' || given === '') return null;
  if (given.length <= 2048 && isStorableText(given) && /^https?:/i.test(given) && URL.canParse(given)) return given;
  notes.push(leftOut('profilePictureUrl', 'This is no URL of a picture.'));
  return null;
}

/** The password as far as it can be told before it is wrapped; null where there is none, or it is left out. */
function preparePassword(
  { password, id }: SourceUser,
  { userId, createdAt }: { userId: string; createdAt: Date },
  { weakHashes, format }: PrepareOptions,
  notes: Note[],
): PreparedPassword | Refusal | null {
  if (!password) return null;
  const carried = carryHash(password);
  const field = 'password';
  if (carried.kind === 'refused') return { code: 'invalid_password_hash', field, message: carried.reason };
  if (carried.kind === 'weak' && weakHashes === 'refuse')
    return { code: 'weak_password_hash', field, message: 'The hash is too weak to be stored as it is.' };
  if (carried.kind === 'weak' && weakHashes === 'skip') {
    notes.push(leftOut(field, 'The hash is too weak to be stored as it is.'));
    return null;
  }
  const origin = format === 'roster' && id && password.origin === 'set' ? 'set' : 'imported';
  return { carried, row: { userId, origin, changedAt: momentOf(password.changedAt) ?? createdAt } };
}
