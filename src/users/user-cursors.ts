import type { User, UserSearch, UserSortKey } from '../db/database.ts';
import { neverSignedIn } from '../db/user-search.ts';
import { DomainError } from '../errors.ts';
import { isId } from '../input/ids.ts';
import type { KeysetPage } from '../input/keyset.ts';
import { isStorableText } from '../input/text.ts';

/** A page of a list. */
export interface UserList {
  readonly users: User[];
  /** The place of each user in the list, by their ids. */
  readonly cursors: ReadonlyMap<string, string>;
  /** Whether the range goes on beyond the page. */
  readonly hasMore: boolean;
  /** The cursor to go on from where the page ended before it was full; null where it did not. */
  readonly stoppedAt: string | null;
}

/** The values of a user by which a list in this order goes on. */
export const placeOf: Record<UserSortKey, (user: User) => string[]> = {
  id: ({ id }) => [id],
  email: ({ emailCanonical }) => [emailCanonical],
  lastSignIn: ({ lastSignInAt, id }) => [lastSignInAt?.toISOString() ?? neverSignedIn, id],
};

/** The place as a text. In the order of creation it is the id, as in all lists; else it says which order it is of. */
export function writeCursor(key: UserSortKey, place: readonly string[]): string {
  if (key === 'id') return String(place[0]);
  return Buffer.from(JSON.stringify([key, ...place])).toString('base64url');
}

/** The place that a cursor of this order says, or null. */
function readCursor(key: UserSortKey, cursor: string): string[] | null {
  if (key === 'id') return isId('user', cursor) ? [cursor] : null;
  const [of, ...place] = parseTexts(Buffer.from(cursor, 'base64url').toString());
  const [first, id] = place;
  if (of !== key || first === undefined || !isStorableText(first)) return null;
  if (key === 'email') return place.length === 1 ? place : null;
  if (place.length !== 2 || !isId('user', String(id))) return null;
  return key === 'lastSignIn' && first !== neverSignedIn && !isMoment(first) ? null : place;
}

function isMoment(text: string): boolean {
  return /^\d{4}-/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString() === text;
}

function parseTexts(json: string): string[] {
  try {
    const parsed: unknown = JSON.parse(json);
    return Array.isArray(parsed) && parsed.every((each) => typeof each === 'string') ? parsed : [];
  } catch {
    return [];
  }
}

/** The places of a page of a list in this order; throws for a cursor that is of another. */
export function placesOf(key: UserSortKey, cursors: Pick<KeysetPage, 'after' | 'before'>) {
  const placeAt = (field: 'after' | 'before') => {
    const cursor = cursors[field];
    const place = cursor === undefined ? undefined : readCursor(key, cursor);
    if (place === null) throw notACursor(field);
    return place;
  };
  return { after: placeAt('after'), before: placeAt('before') };
}

export function notACursor(field: 'after' | 'before'): DomainError {
  return new DomainError('invalid_request_parameters', 'This is not a cursor of this list.', { field });
}

/** The search from a place on, or up to it; what is further in of the two bounds counts. */
export function narrowed(search: UserSearch, after: string[] | undefined, before: string[] | undefined): UserSearch {
  const { lower, upper } = search;
  return {
    ...search,
    lower: after && (!lower || compare(after, lower.values) >= 0) ? { values: after, inclusive: false } : lower,
    upper: before && (!upper || compare(before, upper.values) < 0) ? { values: before, inclusive: false } : upper,
  };
}

/** In the order of the databases: byte by byte. */
function compare(one: readonly string[], other: readonly string[]): number {
  for (const [i, value] of one.entries()) {
    const order = i < other.length ? Buffer.compare(Buffer.from(value), Buffer.from(String(other[i]))) : 0;
    if (order !== 0) return order;
  }
  return 0;
}
