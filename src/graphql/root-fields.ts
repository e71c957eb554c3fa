import { type DocumentNode, type FieldNode, Kind, type OperationDefinitionNode, type SelectionNode } from 'graphql';

/** The root fields of an operation. Each fragment is looked at once, or fragments that spread others twice would take for ever. */
export function selectedRootFields(document: DocumentNode, operation: OperationDefinitionNode): FieldNode[] {
  const seen = new Set<string>();
  const fieldsOf = (selection: SelectionNode): FieldNode[] => {
    if (selection.kind === Kind.FIELD) return [selection];
    if (selection.kind === Kind.INLINE_FRAGMENT) return selection.selectionSet.selections.flatMap(fieldsOf);
    const { value } = selection.name;
    if (seen.has(value)) return [];
    seen.add(value);
    return document.definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .filter(({ name }) => name.value === value)
      .flatMap(({ selectionSet }) => selectionSet.selections.flatMap(fieldsOf));
  };
  return operation.selectionSet.selections.flatMap(fieldsOf);
}

/** Every request asks for the names, and most ask with a document that is kept. */
const namesOf = new WeakMap<OperationDefinitionNode, readonly string[]>();

/** Their names in the schema, each once. */
export function rootFieldNames(document: DocumentNode, operation: OperationDefinitionNode): readonly string[] {
  const known = namesOf.get(operation);
  if (known) return known;
  const names = [...new Set(selectedRootFields(document, operation).map(({ name }) => name.value))];
  namesOf.set(operation, names);
  return names;
}
