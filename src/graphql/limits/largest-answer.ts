import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql';
import type { Config } from '../../config/settings.ts';
import { metadataLimits } from '../../users/metadata.ts';
import { maxItems } from '../../users/update-many.ts';
import { schema } from '../schema/schema.ts';
import { type ListSizes, listSizesOf, pageOf, usualPage } from './cost.ts';

/** JSON writes a control character as six bytes; no other takes more. */
const bytesPerCharacter = 6;
const text = (characters: number) => 2 + characters * bytesPerCharacter;

const { maxPairs, maxKeyCharacters, maxValueCharacters } = metadataLimits;
export const metadataBytes = 2 + maxPairs * (2 + text(maxKeyCharacters) + text(maxValueCharacters));

/** How long a value can be in JSON, in bytes, by its type, and by its field where that says more. */
const bytesOfType: Readonly<Record<string, number>> = {
  Boolean: 5,
  Int: 11,
  ID: 64,
  DateTime: 26,
  EmailAddress: 512,
  Locale: 257,
  Metadata: metadataBytes,
  JSON: metadataBytes,
  JSONObject: 1.5 * metadataBytes, // of an event: a user, or what changed of one
};
const bytesOfField: Readonly<Record<string, number>> = {
  firstName: text(255),
  lastName: text(255),
  name: text(255),
  externalId: text(128),
  profilePictureUrl: 2 + 2048 * 9, // percent-encoded
  idpId: text(255),
  userAgent: text(512),
  answer: text(1024),
  url: text(2048),
  accessToken: 8192,
  message: 4096,
  issues: 12_288, // all of them: one for each input
  eventTypes: 4096,
};
const bytesOfOther = 400;
/** An enum's, `null`, and the name of a type. */
const bytesOfName = 64;

/** Quotes, a colon, a comma, and the braces of an object. */
const punctuation = 6;

/** All fields of a hundred users but their lists; of five hundred, without their metadata. */
export const maxMutationBytes = 24 * 1024 * 1024;

type Variables = Readonly<Record<string, unknown>>;

/** `{"data":{}}` */
const envelope = 11;

/** Bytes that an answer has anyway, and those for each item of a list that a caller sends. */
interface Bound {
  readonly fixed: number;
  readonly lists: readonly { readonly items: ValueNode | undefined; readonly bytesEach: number }[];
}

export type LargestAnswer = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables | null | undefined,
) => number;

/**
 * How long the answer to a mutation can be at most, in bytes of JSON, whatever is stored: once it is carried out, nothing may
 * turn the answer into an error. The same tells whether that to a query could
 * be very long.
 */
export function createLargestAnswer(config: Pick<Config, 'MAX_SESSIONS_PER_USER'>): LargestAnswer {
  const listSizes = listSizesOf(config);
  const known = new WeakMap<OperationDefinitionNode, Bound>();

  function boundOf(document: DocumentNode, operation: OperationDefinitionNode): Bound {
    const found =
      known.get(operation) ?? measure(document, operation, listSizes, schema.getRootType(operation.operation));
    known.set(operation, found);
    return found;
  }

  return (document, operation, variables) => {
    const { fixed, lists } = boundOf(document, operation);
    return lists.reduce((sum, { items, bytesEach }) => sum + bytesEach * countItems(items, variables ?? {}), fixed);
  };
}

/** A longer list is refused by itself, and one item may stand for a list of one. */
function countItems(items: ValueNode | undefined, variables: Variables): number {
  if (items?.kind === Kind.VARIABLE && !Object.hasOwn(variables, items.name.value)) return maxItems; // its default
  const value = items && valueFromASTUntyped(items, variables);
  return Array.isArray(value) ? Math.min(value.length, maxItems) : 1;
}

function measure(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  listSizes: ListSizes,
  rootType: GraphQLObjectType | null | undefined,
): Bound {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const bytesOf = createMeter(fragments, listSizes);
  let fixed = envelope;
  const lists = [];
  for (const field of rootType ? fieldsOf(operation.selectionSet, fragments) : []) {
    const bytes = bytesOf(rootType as GraphQLObjectType, field, usualPage);
    const items = field.arguments?.find(({ name }) => name.value === 'updates')?.value;
    if (field.name.value === 'updateUsers') lists.push({ items, bytesEach: bytes });
    else fixed += bytes;
  }
  return { fixed, lists };
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** What a document costs is bounded, and so is how often its fragments are looked at. */
function fieldsOf({ selections }: SelectionSetNode, fragments: Fragments): FieldNode[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return selection;
    if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsOf(selection.selectionSet, fragments);
    const fragment = fragments.get(selection.name.value);
    return fragment ? fieldsOf(fragment.selectionSet, fragments) : [];
  });
}

/** Measures a field with all below it. Of `updateUsers`, what one item adds. */
function createMeter(fragments: Fragments, listSizes: ListSizes) {
  return function bytesOf(parent: GraphQLObjectType, field: FieldNode, page: number): number {
    const name = field.name.value;
    const key = (field.alias ?? field.name).value.length + punctuation;
    const definition = parent.getFields()[name];
    const type = definition && getNamedType(definition.type);
    if (!isObjectType(type) || !field.selectionSet) return key + bytesOfLeaf(definition);
    const one = fieldsOf(field.selectionSet, fragments).reduce(
      (sum, below) => sum + bytesOf(type, below, pageOf(field)),
      punctuation,
    );
    return key + one * lengthOf(name, page);
  };

  function lengthOf(name: string, page: number): number {
    if (name === 'edges') return page;
    return listSizes[name === 'revokeAllSessions' ? 'sessions' : name] ?? 1;
  }
}

function bytesOfLeaf(field: GraphQLField<unknown, unknown> | undefined): number {
  if (!field) return bytesOfName;
  const type = getNamedType(field.type);
  return bytesOfField[field.name] ?? bytesOfType[type.name] ?? (isEnumType(type) ? bytesOfName : bytesOfOther);
}
