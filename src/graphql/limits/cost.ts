import {
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql';
import type { Config } from '../../config/settings.ts';
import { maxIdentities } from '../../users/identities.ts';
import { maxItems } from '../../users/update-many.ts';
import { rootFields } from '../access.ts';

/** The sizes of a page as `users` has them. */
const largestPage = 100;
export const usualPage = 20;
/** What is answered to many updates may be ten times as much as anything else, so a tenth of them counts. */
const bulkResults = maxItems / 10;

type FindFragment = (name: string) => FragmentDefinitionNode | null | undefined;

/** The lists whose length no caller chooses, by their field, and how long they can be. */
export type ListSizes = Readonly<Record<string, number>>;

export const listSizesOf = ({ MAX_SESSIONS_PER_USER }: Pick<Config, 'MAX_SESSIONS_PER_USER'>): ListSizes => ({
  identities: maxIdentities,
  unlinkedIdentities: maxIdentities,
  sessions: MAX_SESSIONS_PER_USER,
});

/**
 * What a part of a document costs: every value, with each list in full, and of every kind of list how much one of them costs
 * more than a list of one would.
 */
interface Cost {
  readonly values: number;
  readonly discounts: Readonly<Record<string, number>>;
}

const nothing: Cost = { values: 0, discounts: {} };

/**
 * How many values the answer to an operation can have, whatever its variables. Of the lists of a user, one of each counts as
 * a list of one: a user who has none costs what one with many does. Any more of them, aliased or repeated, count in full.
 */
export function costOf(operation: OperationDefinitionNode, findFragment: FindFragment, listSizes: ListSizes): number {
  const known = new Map<string, Cost>();

  const sum = (selections: readonly SelectionNode[] = [], page: number, isRoot = false): Cost =>
    selections.reduce((total, selection) => add(total, costOfSelection(selection, page, isRoot)), nothing);

  function costOfSelection(selection: SelectionNode, page: number, isRoot: boolean): Cost {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return costOfFragment(selection.name.value, page, isRoot);
    if (selection.kind === Kind.INLINE_FRAGMENT) return sum(selection.selectionSet.selections, page, isRoot);
    const cost = costOfField(selection, page);
    return isRoot && !rootFields.get(selection.name.value)?.isOwnUser ? discounted(cost) : cost; // other users, other lists
  }

  function costOfField(field: FieldNode, page: number): Cost {
    const name = field.name.value;
    const { values, discounts } = sum(field.selectionSet?.selections, pageOf(field));
    const one = { values: 1 + values, discounts };
    const size = listSizes[name];
    if (size !== undefined) return { ...times(one, size), discounts: { [name]: (size - 1) * one.values } };
    if (name === 'results') return times(one, bulkResults);
    return name === 'edges' ? times(one, page) : one;
  }

  /** Each fragment is looked at once, or fragments that spread others twice would take for ever. */
  function costOfFragment(name: string, page: number, isRoot: boolean): Cost {
    const key = `${name} ${page} ${isRoot}`;
    const cost = known.get(key);
    if (cost !== undefined) return cost;
    known.set(key, nothing); // one that spreads itself is refused elsewhere
    const found = sum(findFragment(name)?.selectionSet.selections, page, isRoot);
    known.set(key, found);
    return found;
  }

  return discounted(sum(operation.selectionSet.selections, usualPage, true)).values;
}

function add(a: Cost, b: Cost): Cost {
  const discounts = { ...a.discounts };
  for (const [name, discount] of Object.entries(b.discounts)) {
    discounts[name] = Math.max(discounts[name] ?? 0, discount);
  }
  return { values: a.values + b.values, discounts };
}

function times({ values, discounts }: Cost, factor: number): Cost {
  const entries = Object.entries(discounts).map(([name, discount]) => [name, discount * factor]);
  return { values: values * factor, discounts: Object.fromEntries(entries) };
}

function discounted({ values, discounts }: Cost): Cost {
  const free = Object.values(discounts).reduce((total, discount) => total + discount, 0);
  return { values: values - free, discounts: {} };
}

/** A variable may be anything, so it counts as the largest page. */
export function pageOf({ arguments: given = [] }: FieldNode): number {
  const sizes = given
    .filter(({ name }) => name.value === 'first' || name.value === 'last')
    .map(({ value }) => (value.kind === Kind.INT ? Math.min(Number(value.value), largestPage) : largestPage));
  return sizes.length > 0 ? Math.max(1, ...sizes) : usualPage;
}
