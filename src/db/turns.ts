import type { User } from './models.ts';

interface Change {
  /** The row that it was decided on. */
  readonly before: User;
  readonly changes: { readonly data: Partial<User> };
}

/** The columns in which no two users may have the same value. */
const uniqueColumns = ['emailCanonical', 'externalId'] as const;

/**
 * The changes in their order, cut where one gives up a value and another one takes it. Within one statement the database would
 * decide which of both is first, and not each database alike.
 */
export function inTurns<One extends Change>(all: readonly One[]): One[][] {
  const turns: One[][] = [[]];
  let [given, taken] = [new Set<string>(), new Set<string>()];
  for (const one of all) {
    const { gives, takes } = mayMoveValues(one) ? movedValues(one) : nothingMoves;
    if (takes.some((value) => given.has(value)) || gives.some((value) => taken.has(value))) {
      turns.push([]);
      [given, taken] = [new Set(), new Set()];
    }
    for (const value of gives) given.add(value);
    for (const value of takes) taken.add(value);
    turns.at(-1)?.push(one);
  }
  return turns;
}

const nothingMoves = { gives: [], takes: [] };

function mayMoveValues({ changes: { data } }: Change): boolean {
  return uniqueColumns.some((column) => data[column] !== undefined);
}

function movedValues({ before, changes: { data } }: Change): { gives: string[]; takes: string[] } {
  const moved = uniqueColumns.filter((column) => data[column] !== undefined && data[column] !== before[column]);
  const named = (user: Partial<User>) => moved.flatMap((column) => (user[column] ? `${column} ${user[column]}` : []));
  return { gives: named(before), takes: named(data) };
}
