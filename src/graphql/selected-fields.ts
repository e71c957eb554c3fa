import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/** Documents are kept, and so is what is known of them. */
const known = new WeakMap<FieldNode, ReadonlySet<string>>();

/** The fields of User that a root field selects, anywhere below it. */
export function selectedUserFields({ fieldNodes, parentType, fragments, schema }: GraphQLResolveInfo): Set<string> {
  const selected = new Set<string>();
  for (const node of fieldNodes) {
    let fields = known.get(node);
    if (!fields) {
      fields = collect({ schema, fragments }, parentType.name, { kind: Kind.SELECTION_SET, selections: [node] });
      known.set(node, fields);
    }
    for (const field of fields) selected.add(field);
  }
  return selected;
}

interface Document {
  readonly schema: GraphQLSchema;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
}

/** The document is valid: every field exists, and no fragment contains itself. */
function collect(document: Document, typeName: string, { selections }: SelectionSetNode, found = new Set<string>()) {
  const type = document.schema.getType(typeName);
  for (const selection of selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      collect(document, selection.typeCondition?.name.value ?? typeName, selection.selectionSet, found);
    } else if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = document.fragments[selection.name.value] as FragmentDefinitionNode;
      collect(document, fragment.typeCondition.name.value, fragment.selectionSet, found);
    } else {
      const field = isObjectType(type) ? type.getFields()[selection.name.value] : undefined;
      if (!field) continue; // __typename
      if (typeName === 'User') found.add(selection.name.value);
      if (selection.selectionSet) collect(document, getNamedType(field.type).name, selection.selectionSet, found);
    }
  }
  return found;
}
