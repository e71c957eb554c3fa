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

/** Whoever reads one of these, wherever it stands, reads a field of its user. */
const partsOfUser: Readonly<Record<string, string>> = { Identity: 'identities', Session: 'sessions' };

/** The fields of User that a root field selects, anywhere below it. */
export function selectedUserFields(info: GraphQLResolveInfo): ReadonlySet<string> {
  const [node, ...others] = info.fieldNodes;
  if (node && others.length === 0) return fieldsOf(node, info);
  return new Set(info.fieldNodes.flatMap((each) => [...fieldsOf(each, info)]));
}

function fieldsOf(node: FieldNode, { parentType, fragments, schema }: GraphQLResolveInfo): ReadonlySet<string> {
  const fields = known.get(node);
  if (fields) return fields;
  const root: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [node] };
  const found = collect({ schema, fragments }, parentType.name, root);
  known.set(node, found);
  return found;
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
      const part = typeName === 'User' ? selection.name.value : partsOfUser[typeName];
      if (part) found.add(part);
      if (selection.selectionSet) collect(document, getNamedType(field.type).name, selection.selectionSet, found);
    }
  }
  return found;
}
