import {
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql';

/** The sizes of a page as `users` has them. */
const largestPage = 100;
const usualPage = 20;

type FindFragment = (name: string) => FragmentDefinitionNode | null | undefined;

/**
 * How many values the answer to an operation can have, whatever its variables. A list whose length the caller does not
 * choose counts as one.
 */
export function costOf(operation: OperationDefinitionNode, findFragment: FindFragment): number {
  const known = new Map<string, number>();

  const sum = (selections: readonly SelectionNode[] = [], page: number): number =>
    selections.reduce((total, selection) => total + costOfSelection(selection, page), 0);

  function costOfSelection(selection: SelectionNode, page: number): number {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return costOfFragment(selection.name.value, page);
    if (selection.kind === Kind.INLINE_FRAGMENT) return sum(selection.selectionSet.selections, page);
    const times = selection.name.value === 'edges' ? page : 1;
    return times * (1 + sum(selection.selectionSet?.selections, pageOf(selection)));
  }

  /** Each fragment is looked at once, or fragments that spread others twice would take for ever. */
  function costOfFragment(name: string, page: number): number {
    const key = `${name} ${page}`;
    const cost = known.get(key);
    if (cost !== undefined) return cost;
    known.set(key, 0); // one that spreads itself is refused elsewhere
    const found = sum(findFragment(name)?.selectionSet.selections, page);
    known.set(key, found);
    return found;
  }

  return sum(operation.selectionSet.selections, usualPage);
}

/** A variable may be anything, so it counts as the largest page. */
function pageOf({ arguments: given = [] }: FieldNode): number {
  const sizes = given
    .filter(({ name }) => name.value === 'first' || name.value === 'last')
    .map(({ value }) => (value.kind === Kind.INT ? Math.min(Number(value.value), largestPage) : largestPage));
  return sizes.length > 0 ? Math.max(1, ...sizes) : usualPage;
}
