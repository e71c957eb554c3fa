/** The codes and tokens of some purposes that a user has and that are of no use from now on. */
export interface EndedCodes {
  readonly userId: string;
  readonly purposes: readonly string[];
  readonly endedAt: Date;
}

interface Group {
  readonly purposes: string[];
  readonly rows: Pick<EndedCodes, 'userId' | 'endedAt'>[];
}

/** Those that end together by one statement. What is ended several times has ended with the first of them. */
export function groupByPurposes(all: readonly EndedCodes[]): Group[] {
  const ended = new Set<string>();
  const groups = new Map<string, Group>();
  for (const { userId, purposes, endedAt } of all) {
    const left = purposes.filter((purpose) => !ended.has(`${userId} ${purpose}`));
    if (left.length === 0) continue;
    for (const purpose of left) ended.add(`${userId} ${purpose}`);
    const key = left.join();
    const group = groups.get(key) ?? { purposes: left, rows: [] };
    groups.set(key, group);
    group.rows.push({ userId, endedAt });
  }
  return [...groups.values()];
}
