import type { Sql } from './dialect.ts';
import type { Parameter } from './query.ts';

/** The moment of a sign-in that never was: before all others. */
export const neverSignedIn = '0001-01-01';

const lastSignIn = `coalesce(last_sign_in_at, '${neverSignedIn}')`;

/** What lists of users can be in the order of: the terms of an index each. */
const keys = {
  id: ['id'],
  email: ['email_canonical'],
  lastSignIn: [lastSignIn, 'id'],
} as const;

export type UserSortKey = keyof typeof keys;

/** What these columns are to be. */
const columns = {
  email: 'email_canonical',
  externalId: 'external_id',
  emailVerified: 'email_verified',
  managed: 'managed',
  lastSignIn,
} as const;

/** A place in a list: the values of its key, or the first of them. */
export interface Bound {
  readonly values: readonly string[];
  readonly inclusive: boolean;
}

/** Which users; all of it must hold. */
export interface UserSearch {
  readonly key: UserSortKey;
  readonly equals?: { readonly [column in keyof typeof columns]?: string | boolean };
  /** Only users with an identity of this provider. In the order of the ids alone. */
  readonly provider?: string | undefined;
  readonly lower?: Bound | undefined;
  readonly upper?: Bound | undefined;
}

/** A range within a list: of all of its key, or of the ids of those who are alike in the first value of it. */
interface Part extends UserSearch {
  readonly alike?: string | undefined;
}

/**
 * The range as parts, in rising order, each of which is one range of the index. Pairs would say it at once, but SQLite finds
 * none by an index of an expression.
 */
export function partsOf(search: UserSearch): Part[] {
  const [from, fromId] = search.lower?.values ?? [];
  const [to, toId] = search.upper?.values ?? [];
  if (fromId === undefined && toId === undefined) return [search];
  const alike = (value: string | undefined, above?: string, below?: string): Part[] => {
    const [lower, upper] = [above, below].map((id) => (id === undefined ? undefined : beyond(id)));
    return lower || upper ? [{ ...search, alike: value, lower, upper }] : [];
  };
  const order = from === undefined || to === undefined ? -1 : Buffer.compare(Buffer.from(from), Buffer.from(to));
  if (order > 0 || (order === 0 && toId === undefined)) return [];
  if (order === 0) return alike(from, fromId, toId);
  const lower = from !== undefined && fromId !== undefined ? beyond(from) : search.lower;
  const upper = to !== undefined && toId !== undefined ? beyond(to) : search.upper;
  return [...alike(from, fromId), { ...search, lower, upper }, ...alike(to, undefined, toId)];
}

function beyond(value: string): Bound {
  return { values: [value], inclusive: false };
}

export function countText(search: UserSearch, table: Sql['table'], parameter: Parameter): string {
  if (search.provider === undefined) return `SELECT count(*) FROM ${table('users')}${where(search, parameter)}`;
  return `SELECT count(DISTINCT user_id) FROM ${table('identities')}${ofProvider(search, parameter)}`;
}

/** Reads all events that lie there. */
export function countUpdatedText(
  types: readonly string[],
  from: number,
  table: Sql['table'],
  parameter: Parameter,
): string {
  return `SELECT count(*) FROM ${table('events')} AS event CROSS JOIN ${table('users')} AS users
    WHERE users.id = event.user_id AND users.version = event.user_version
    AND event.position >= ${parameter(from)} AND event.type IN (${types.map(parameter).join(', ')})`;
}

/** The first users, with these columns. */
export function listText(
  search: Part,
  { names, direction, limit }: { names: string; direction: 'asc' | 'desc'; limit: number },
  table: Sql['table'],
  parameter: Parameter,
): string {
  const users = table('users');
  const page = (terms: readonly string[]) =>
    `ORDER BY ${terms.map((term) => `${term} ${direction}`).join(', ')} LIMIT ${limit}`;
  if (search.provider === undefined) {
    const { near, far } = endsOf(search, direction);
    const terms = keys[search.key];
    const found = (range: Part) => `SELECT ${names} FROM ${users}${where(range, parameter)} ${page(terms)}`;
    if (!near || !far) return found(search);
    // What lies beyond the far end is cut off afterwards: PostgreSQL guesses how much is between two ends, and would sometimes
    // rather sort all of that than read a page in order.
    const beyondToo = found({ ...search, ...near });
    return `SELECT ${names} FROM (${beyondToo}) AS page${and(between(terms[0], far.lower, far.upper, parameter))} ${page(terms)}`;
  }
  // A user may have several identities of one provider, and is looked for once.
  const found = `SELECT DISTINCT user_id FROM ${table('identities')}${ofProvider(search, parameter)} ${page(['user_id'])}`;
  return `SELECT ${names} FROM (${found}) AS found CROSS JOIN ${users} WHERE id = user_id ${page(['id'])}`;
}

/** The bound where reading a range in this direction begins, and the one where it ends; nothing where that makes no difference. */
function endsOf({ key, alike, lower, upper }: Part, direction: 'asc' | 'desc') {
  if (key === 'id' || alike !== undefined || !lower || !upper) return {};
  const [first, last] = [
    { lower, upper: undefined },
    { lower: undefined, upper },
  ];
  return direction === 'asc' ? { near: first, far: last } : { near: last, far: first };
}

function where({ key, equals = {}, alike, lower, upper }: Part, parameter: Parameter): string {
  const terms = keys[key];
  const equal = Object.entries(equals).map(
    ([column, value]) => `${columns[column as keyof typeof columns]} = ${parameter(value)}`,
  );
  const range =
    alike === undefined
      ? between(terms[0], lower, upper, parameter)
      : [`${terms[0]} = ${parameter(alike)}`, ...between('id', lower, upper, parameter)];
  return and([...equal, ...range]);
}

function ofProvider({ provider = '', lower, upper }: UserSearch, parameter: Parameter): string {
  return and([`provider = ${parameter(provider)}`, ...between('user_id', lower, upper, parameter)]);
}

function between(term: string, lower: Bound | undefined, upper: Bound | undefined, parameter: Parameter): string[] {
  const conditionOf = (operator: string, { values, inclusive }: Bound) =>
    `${term} ${operator}${inclusive ? '=' : ''} ${parameter(String(values[0]))}`;
  return [...(lower ? [conditionOf('>', lower)] : []), ...(upper ? [conditionOf('<', upper)] : [])];
}

function and(conditions: readonly string[]): string {
  return conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
}
