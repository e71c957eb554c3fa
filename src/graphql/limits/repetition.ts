import { type DocumentNode, visit } from 'graphql';

/** Many fragments may want the same field of a user. Two fields with fields of their own are compared in all of those, too. */
const maxLeaves = 100;
const maxObjects = 50;

export interface Repeated {
  readonly name: string;
  readonly most: number;
}

/** The name, or alias, that a document gives to too many fields, wherever they stand; null when there is none. */
export function findRepeated(document: DocumentNode): Repeated | null {
  const counts = new Map<string, number>();
  let repeated: Repeated | null = null;
  visit(document, {
    Field({ alias, name, selectionSet }) {
      const { value } = alias ?? name;
      const count = (counts.get(value) ?? 0) + 1;
      counts.set(value, count);
      const most = selectionSet ? maxObjects : maxLeaves;
      if (count > most) repeated ??= { name: value, most };
    },
  });
  return repeated;
}
