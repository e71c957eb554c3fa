import type { Bound, UserSearch } from '../db/database.ts';
import { neverSignedIn } from '../db/user-search.ts';
import { DomainError } from '../errors.ts';
import { firstIdAt, lookupKey } from '../input/ids.ts';
import { countCharacters, isStorableText } from '../input/text.ts';
import { canonicalBeginning, maxAddressOctets } from './email.ts';
import { readAddress } from './fields.ts';
import type { FilterName, Sorting, UserFilter } from './user-filter.ts';

/** The users of a list, as a range of the index of its order. `by` is one that `orderOf` has found to go with the filter. */
export function searchOf(filter: UserFilter, by: Exclude<Sorting, 'UPDATED_AT'>): UserSearch {
  switch (by) {
    case 'CREATED_AT':
      return ofCreation(filter);
    case 'LAST_SIGN_IN_AT':
      return { key: 'lastSignIn', ...(filter.lastSignInBefore ? signedInBefore(filter.lastSignInBefore) : {}) };
    case 'EMAIL':
      return { key: 'email', ...beginningWith(filter.emailStartsWith) };
  }
}

/** Ids sort by creation, so the times become bounds of the id. */
function ofCreation(filter: UserFilter): UserSearch {
  const { email, externalId, emailVerified, managed, provider, createdFrom, createdBefore } = filter;
  const at = (time: Date, inclusive: boolean): Bound => ({ values: [firstIdAt('user', time)], inclusive });
  return {
    key: 'id',
    equals: {
      ...(typeof email === 'string' && { email: readAddress(email).canonical }),
      ...(typeof externalId === 'string' && { externalId: lookupKey(externalId) }),
      ...(typeof emailVerified === 'boolean' && { emailVerified }),
      ...(typeof managed === 'boolean' && { managed }),
      ...(typeof filter.neverSignedIn === 'boolean' && { lastSignIn: whoNeverDid(filter.neverSignedIn) }),
    },
    provider: provider ?? undefined,
    lower: createdFrom ? at(createdFrom, true) : undefined,
    upper: createdBefore ? at(createdBefore, false) : undefined,
  };
}

function whoNeverDid(isAsked: boolean): string {
  if (isAsked) return neverSignedIn;
  throw invalid('neverSignedIn', 'Only true can be looked for. Who has signed in comes first in LAST_SIGN_IN_AT_DESC.');
}

function signedInBefore(time: Date) {
  const moment = new Date(Math.min(Math.max(time.getTime(), 0), lastMomentMs));
  return {
    lower: { values: [earliestSignIn], inclusive: true },
    upper: { values: [moment.toISOString()], inclusive: false },
  };
}

/** After the one that never was, and before all that were. */
const earliestSignIn = '1970-01-01';
/** The last that is written with four digits of a year. */
const lastMomentMs = Date.UTC(9999, 11, 31);

/** All addresses that begin with this text, once it is in the form of the index. */
function beginningWith(typed: string | null | undefined) {
  if (typeof typed !== 'string') return {};
  const start = isStorableText(typed) ? canonicalBeginning(typed) : '';
  if (start === '' || countCharacters(start) > maxAddressOctets)
    throw invalid('emailStartsWith', `Expected 1 to ${maxAddressOctets} characters to begin with.`);
  const end = endOf(start);
  const upper = end === undefined ? undefined : { values: [end], inclusive: false };
  return { lower: { values: [start], inclusive: true }, upper };
}

/** The first text behind all that begin with this one, in the order of code points, which is that of UTF-8. */
function endOf(start: string): string | undefined {
  const points = Array.from(start, (character) => Number(character.codePointAt(0)));
  for (;;) {
    const last = points.pop();
    if (last === undefined) return undefined;
    if (last < 0x10ffff) return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
  }
}

function invalid(field: FilterName, message: string): DomainError {
  return new DomainError('invalid_request_parameters', message, { field });
}
