/** A range of a list, mostly in the order of creation, which is that of the ids, and how much of it is wanted. */
export interface KeysetPage<Place = string> {
  /** Only rows after this place in the order of the list. */
  readonly after?: Place | undefined;
  /** Only rows before this place in the order of the list. */
  readonly before?: Place | undefined;
  readonly order: 'asc' | 'desc';
  readonly limit: number;
  /** Takes the last ones of the range instead of the first. */
  readonly fromEnd: boolean;
}

/** The places between which the page lies, and the order in which to read from its start, or from its end. */
export function boundsOf<Place>({ after, before, order, fromEnd }: KeysetPage<Place>) {
  const isAscending = order === 'asc';
  const [greaterThan, lessThan] = isAscending ? [after, before] : [before, after];
  return { after: greaterThan, before: lessThan, order: isAscending !== fromEnd ? 'asc' : 'desc' } as const;
}

/** The page in Prisma's words. It asks for one row more, which tells whether the range goes on. */
export function keysetOf(page: KeysetPage) {
  const { after, before, order } = boundsOf(page);
  const where = [after === undefined ? {} : { id: { gt: after } }, before === undefined ? {} : { id: { lt: before } }];
  return { where, orderBy: { id: order }, take: page.limit + 1 } as const;
}

/** The rows of the page in the order of the list, and whether the range goes on beyond it. */
export function cutPage<Row>(
  found: Row[],
  { limit, fromEnd }: Pick<KeysetPage, 'limit' | 'fromEnd'>,
): { rows: Row[]; hasMore: boolean } {
  const rows = found.slice(0, limit);
  return { rows: fromEnd ? rows.reverse() : rows, hasMore: found.length > limit };
}
