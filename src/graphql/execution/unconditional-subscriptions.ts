import { GraphQLError, Kind, type OperationDefinitionNode, type SelectionNode, type ValidationContext } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/**
 * Refuses `@skip` and `@include` on the field of a subscription: it could be left with none. So does the specification of
 * September 2025; graphql-js 16 does not yet, and fails where there is none.
 */
export const unconditionalSubscriptions: Plugin = {
  onValidate({ addValidationRule }) {
    addValidationRule((context: ValidationContext) => ({
      OperationDefinition({ operation, selectionSet }: OperationDefinitionNode) {
        if (operation !== 'subscription') return;
        const conditional = findConditional(context, selectionSet.selections, new Set());
        if (conditional) context.reportError(conditionalField(conditional));
      },
    }));
  },
};

function findConditional(
  context: ValidationContext,
  selections: readonly SelectionNode[],
  seen: Set<string>,
): SelectionNode | undefined {
  for (const selection of selections) {
    if (selection.directives?.some(({ name }) => ['skip', 'include'].includes(name.value))) return selection;
    if (selection.kind === Kind.FIELD) continue;
    const found = findConditional(context, selectionsOf(context, selection, seen), seen);
    if (found) return found;
  }
  return undefined;
}

/** What a fragment selects; of one that was looked at before, nothing. */
function selectionsOf(
  context: ValidationContext,
  fragment: Exclude<SelectionNode, { kind: Kind.FIELD }>,
  seen: Set<string>,
): readonly SelectionNode[] {
  if (fragment.kind === Kind.INLINE_FRAGMENT) return fragment.selectionSet.selections;
  const name = fragment.name.value;
  if (seen.has(name)) return [];
  seen.add(name);
  return context.getFragment(name)?.selectionSet.selections ?? [];
}

function conditionalField(selection: SelectionNode): GraphQLError {
  const message = 'The field of a subscription takes no @skip and no @include: ask for the subscription, or do not.';
  return new GraphQLError(message, { nodes: selection });
}
