import { type DocumentNode, type FieldNode, Kind, type OperationDefinitionNode, valueFromASTUntyped } from 'graphql';
import { rootFields } from '../root-fields.ts';

type Variables = Record<string, unknown>;

/** The root fields that always try a credential, and those that do so when their input has a password. */
const always = ['authenticateWithPassword', 'refreshSession'];
const withPassword = ['createUser', 'updateUser'];

/**
 * Whether an operation holds more than one password or refresh token. Each costs a hash or is a guess, so a document full
 * of them would pass for one request. Fields that `@skip` leaves out count, too.
 */
export function hasManyCredentials(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables | null | undefined,
): boolean {
  const { selections } = operation.selectionSet;
  if (selections.length === 1 && selections[0]?.kind === Kind.FIELD) return false;
  const given = withDefaults(operation, variables ?? {});
  const fields = rootFields(document, operation).filter((field) => hasCredential(field, given));
  // The same field twice under one name is executed once.
  return new Set(fields.map(({ alias, name }) => (alias ?? name).value)).size > 1;
}

function hasCredential({ name, arguments: given = [] }: FieldNode, variables: Variables): boolean {
  if (always.includes(name.value)) return true;
  if (!withPassword.includes(name.value)) return false;
  const node = given.find((argument) => argument.name.value === 'input')?.value;
  const input = node && (valueFromASTUntyped(node, variables) as Variables | null | undefined);
  return ['password', 'passwordHash', 'currentPassword'].some((field) => input?.[field] !== undefined);
}

function withDefaults({ variableDefinitions = [] }: OperationDefinitionNode, variables: Variables): Variables {
  const defaults = variableDefinitions.flatMap(({ variable, defaultValue }) =>
    defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)]] : [],
  );
  return { ...Object.fromEntries(defaults), ...variables };
}
