import { type IdPrefix, isId } from '../input/ids.ts';
import { type Parsed, required } from '../input/input-rules.ts';
import type { KeysetPage } from '../input/keyset.ts';
import { ValidationError } from '../input/validation-errors.ts';
import { oneOf } from '../users/fields.ts';

export const defaultLimit = 10;
export const maxLimit = 100;
export const orders = ['normal', 'desc', 'asc'] as const;

/** The parameters of a list of users, or of sessions. */
export function pageFields(prefix: IdPrefix) {
  return {
    before: required(parseCursor(prefix)),
    after: required(parseCursor(prefix)),
    limit: required(parseLimit),
    order: required(oneOf(...orders)),
  };
}

export type PageQuery = Parsed<ReturnType<typeof pageFields>>;

/**
 * The id alone is a place in the list: whoever had it may be deleted meanwhile. The SDK for Ruby sends the cursor that it
 * does not have yet as an empty one.
 */
function parseCursor(prefix: IdPrefix) {
  return (id: unknown): string | undefined => {
    if (id === '') return undefined;
    if (typeof id === 'string' && isId(prefix, id)) return id;
    throw new ValidationError('invalid_request_parameters', `Expected an id that begins with ${prefix}_.`);
  };
}

function parseLimit(text: unknown): number {
  const limit = /^\d{1,3}$/.test(String(text)) ? Number(text) : 0;
  if (limit >= 1 && limit <= maxLimit) return limit;
  throw new ValidationError('invalid_request_parameters', `Expected a whole number from 1 to ${maxLimit}.`);
}

/** In WorkOS's `normal` order the newest come first, but `before` asks for older rows, and `after` for newer ones. */
function isReversed({ order }: PageQuery): boolean {
  return order === 'normal';
}

export function toPage(query: PageQuery): KeysetPage {
  const { limit = defaultLimit, order } = query;
  const [before, after] = isReversed(query) ? [query.after, query.before] : [query.before, query.after];
  return {
    before,
    after,
    order: order === 'asc' ? 'asc' : 'desc',
    limit,
    // The neighbours of the cursor, not the start of everything that comes before it.
    fromEnd: before !== undefined && after === undefined,
  };
}

/** A list as WorkOS has it. A cursor is null where the list has no more: every SDK goes on until `after` is null. */
export function presentList<Row extends { id: string }>(
  query: PageQuery,
  rows: Row[],
  hasMore: boolean,
  present: (row: Row) => unknown,
) {
  const { before, after, fromEnd } = toPage(query);
  const hasPrevious = fromEnd ? hasMore : after !== undefined;
  const hasNext = fromEnd || hasMore || before !== undefined;
  const first = hasPrevious ? (rows[0]?.id ?? null) : null;
  const last = hasNext ? (rows.at(-1)?.id ?? null) : null;
  const list_metadata = isReversed(query) ? { before: last, after: first } : { before: first, after: last };
  return { object: 'list', data: rows.map(present), list_metadata };
}
