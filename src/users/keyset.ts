/** A range of a list in the order of creation, which is the order of the ids, and how much of it is wanted. */
export interface KeysetPage {
  /** Only rows after this id in the order of the list. */
  readonly after?: string | undefined;
  /** Only rows before this id in the order of the list. */
  readonly before?: string | undefined;
  readonly order: 'asc' | 'desc';
  readonly limit: number;
  /** Takes the last ones of the range instead of the first. */
  readonly fromEnd: boolean;
}

/** The page in Prisma's words. It asks for one row more, which tells whether the range goes on. */
export function keysetOf({ after, before, order, limit, fromEnd }: KeysetPage) {
  const isAscending = order === 'asc';
  const [greaterThan, lessThan] = isAscending ? [after, before] : [before, after];
  const where = [
    greaterThan === undefined ? {} : { id: { gt: greaterThan } },
    lessThan === undefined ? {} : { id: { lt: lessThan } },
  ];
  return { where, orderBy: { id: isAscending !== fromEnd ? 'asc' : 'desc' }, take: limit + 1 } as const;
}

/** The rows of the page in the order of the list, and whether the range goes on beyond it. */
export function cutPage<Row>(found: Row[], { limit, fromEnd }: KeysetPage): { rows: Row[]; hasMore: boolean } {
  const rows = found.slice(0, limit);
  return { rows: fromEnd ? rows.reverse() : rows, hasMore: found.length > limit };
}
