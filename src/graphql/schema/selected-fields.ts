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
import type { Scope } from '../../principal/scopes.ts';
import { fieldScopes } from '../access.ts';

/** What a root field selects, anywhere below it. */
export interface Selected {
  /** Fields of User. */
  readonly ofUser: ReadonlySet<string>;
  /** What other fields take, besides the root field itself. */
  readonly scopes: ReadonlySet<Scope>;
}

/** Documents are kept, and so is what is known of them. */
const known = new WeakMap<FieldNode, Selected>();

/** Whoever reads one of these, wherever it stands, reads a field of its user. */
const partsOfUser: Readonly<Record<string, string>> = { Identity: 'identities', Session: 'sessions' };

export function selectedFields(info: GraphQLResolveInfo): Selected {
  const [node, ...others] = info.fieldNodes;
  if (node && others.length === 0) return fieldsOf(node, info);
  const all = info.fieldNodes.map((each) => fieldsOf(each, info));
  return {
    ofUser: new Set(all.flatMap(({ ofUser }) => [...ofUser])),
    scopes: new Set(all.flatMap(({ scopes }) => [...scopes])),
  };
}

function fieldsOf(node: FieldNode, { parentType, fragments, schema }: GraphQLResolveInfo): Selected {
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
function collect(
  document: Document,
  typeName: string,
  { selections }: SelectionSetNode,
  found = { ofUser: new Set<string>(), scopes: new Set<Scope>() },
): Selected {
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
      if (part) found.ofUser.add(part);
      const scope = fieldScopes[`${typeName}.${selection.name.value}`];
      if (scope) found.scopes.add(scope);
      if (selection.selectionSet) collect(document, getNamedType(field.type).name, selection.selectionSet, found);
    }
  }
  return found;
}
