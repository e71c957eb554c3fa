import { type DocumentNode, type FieldNode, Kind, type OperationDefinitionNode, valueFromASTUntyped } from 'graphql';
import { rootFields } from '../access.ts';
import { selectedRootFields } from '../root-fields.ts';

type Variables = Record<string, unknown>;

/** What an input has in it that is tried, or costs a hash. */
const secretInputs = ['password', 'passwordHash', 'currentPassword'];

/**
 * Whether an operation holds more than one password or refresh token. Each costs a hash or is a guess, so a document full
 * of them would pass for one request. Fields that `@skip` leaves out count, too.
 */
export function hasManySecrets(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables | null | undefined,
): boolean {
  const { selections } = operation.selectionSet;
  if (selections.length === 1 && selections[0]?.kind === Kind.FIELD) return false;
  const given = withDefaults(operation, variables ?? {});
  const fields = selectedRootFields(document, operation).filter((field) => hasSecret(field, given));
  // The same field twice under one name is executed once.
  return new Set(fields.map(({ alias, name }) => (alias ?? name).value)).size > 1;
}

function hasSecret({ name, arguments: given = [] }: FieldNode, variables: Variables): boolean {
  const { secret = 'never' } = rootFields.get(name.value) ?? {};
  if (secret !== 'in input') return secret === 'always';
  const argumentOf = (argument: string): unknown => {
    const node = given.find(({ name }) => name.value === argument)?.value;
    return node && valueFromASTUntyped(node, variables);
  };
  const updates = [argumentOf('updates')].flat() as (Variables | null | undefined)[]; // one item may stand for a list of one
  const inputs = [argumentOf('input'), ...updates.map((update) => update?.input)] as (Variables | null | undefined)[];
  return inputs.some((input) => secretInputs.some((field) => input?.[field] !== undefined));
}

function withDefaults({ variableDefinitions = [] }: OperationDefinitionNode, variables: Variables): Variables {
  const defaults = variableDefinitions.flatMap(({ variable, defaultValue }) =>
    defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)]] : [],
  );
  return { ...Object.fromEntries(defaults), ...variables };
}
