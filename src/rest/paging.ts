import { DomainError } from '../errors.ts';
import { oneOf } from '../users/fields.ts';
import { type Parsed, required } from '../users/input.ts';
import type { KeysetPage } from '../users/keyset.ts';
import { Malformed } from '../users/malformed.ts';

export const defaultLimit = 10;
export const maxLimit = 100;
export const orders = ['normal', 'desc', 'asc'] as const;

/** The parameters that every list takes. */
export const pageFields = {
  before: required((id) => id as string),
  after: required((id) => id as string),
  limit: required(parseLimit),
  order: required(oneOf(...orders)),
};

export type PageQuery = Parsed<typeof pageFields>;

function parseLimit(text: unknown): number {
  const limit = /^\d{1,3}$/.test(String(text)) ? Number(text) : 0;
  if (limit >= 1 && limit <= maxLimit) return limit;
  throw new Malformed('invalid_request_parameters', `Expected a whole number from 1 to ${maxLimit}.`);
}

/** Refuses a cursor that is no id of the list. */
export async function assertCursors(
  { before, after }: PageQuery,
  name: string,
  exists: (id: string) => Promise<boolean>,
): Promise<void> {
  for (const [field, id] of Object.entries({ before, after })) {
    if (id === undefined || (await exists(id))) continue;
    throw new DomainError('invalid_request_parameters', `There is no ${name} '${id}'.`, { field });
  }
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
