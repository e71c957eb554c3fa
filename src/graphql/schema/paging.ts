import { DomainError } from '../../errors.ts';
import { type IdPrefix, isId } from '../../input/ids.ts';
import type { KeysetPage } from '../../input/keyset.ts';
import { builder } from './builder.ts';

const defaultPageSize = 20;
const maxPageSize = 100;

/** The rows of a page, and where it stands. */
export interface Connection<Row = unknown> {
  readonly rows: readonly Row[];
  readonly startCursor: string | null;
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

export const PageInfo = builder.objectRef<Connection>('PageInfo').implement({
  description: 'Where a page stands in its list.',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', { description: 'Whether there is more after this page.' }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', { description: 'Whether there is more before this page.' }),
    startCursor: t.exposeString('startCursor', {
      nullable: true,
      description: 'Give it as `before` for the page before this one.',
    }),
    endCursor: t.exposeString('endCursor', {
      nullable: true,
      description: 'Give it as `after` for the page after this one.',
    }),
  }),
});

/** The descriptions of the arguments of a list of these. */
export function pageArgs(what: string) {
  return {
    first: { description: `How many from the start: 1 to ${maxPageSize}; ${defaultPageSize} when neither is given.` },
    after: { description: `Only ${what} after this cursor.` },
    last: { description: `How many from the end: 1 to ${maxPageSize}. Not together with \`first\`.` },
    before: { description: `Only ${what} before this cursor.` },
  };
}

export interface PageArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** The page that is asked for, of a list of `what` whose cursors are ids of this form, or are looked at by whoever reads it. */
export function parsePage(
  { first, last, after, before }: PageArgs,
  { prefix, what, order }: { prefix?: IdPrefix; what: string; order: KeysetPage['order'] },
): KeysetPage {
  if (typeof first === 'number' && typeof last === 'number')
    throw invalid('last', 'Give either first or last, not both.');
  return {
    after: parseCursor(prefix, 'after', after),
    before: parseCursor(prefix, 'before', before),
    order,
    limit: parsePageSize(what, 'first', first) ?? parsePageSize(what, 'last', last) ?? defaultPageSize,
    fromEnd: typeof last === 'number',
  };
}

/** Where a page stands whose range goes on beyond it, or does not. A row's id is its cursor, unless another is. */
export function toConnection<Row extends { readonly id: string }>(
  page: KeysetPage,
  rows: readonly Row[],
  hasMore: boolean,
  cursorOf: (row: Row) => string = ({ id }) => id,
): Connection<Row> {
  const [first, last] = [rows[0], rows.at(-1)];
  return {
    rows,
    startCursor: first ? cursorOf(first) : null,
    endCursor: last ? cursorOf(last) : null,
    hasNextPage: page.fromEnd ? page.before !== undefined : hasMore,
    hasPreviousPage: page.fromEnd ? hasMore : page.after !== undefined,
  };
}

function parsePageSize(what: string, field: string, size: number | null | undefined): number | undefined {
  if (typeof size !== 'number') return undefined;
  if (size < 1 || size > maxPageSize) throw invalid(field, `A page has 1 to ${maxPageSize} ${what}.`);
  return size;
}

function parseCursor(
  prefix: IdPrefix | undefined,
  field: string,
  cursor: string | null | undefined,
): string | undefined {
  if (typeof cursor !== 'string') return undefined;
  if (prefix && !isId(prefix, cursor)) throw invalid(field, 'This is not a cursor of this list.');
  return cursor;
}

function invalid(field: string, message: string): DomainError {
  return new DomainError('invalid_request_parameters', message, { field });
}
