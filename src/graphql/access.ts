import { type GraphQLSchema, getOperationAST, Kind, type OperationDefinitionNode, parse } from 'graphql';
import type { Principal } from '../auth/principal.ts';
import { unauthorized } from '../auth/unauthorized.ts';
import { DomainError } from '../errors.ts';
import type { GraphQLContext } from './context.ts';

/** Enough for a sign-in that asks for everything. */
const maxTokens = 500;

type Kinds = readonly Principal['kind'][];

/** Who may use a root field besides the holders of an API key, who may use all. */
const opened: ReadonlyMap<string, Kinds> = new Map([
  ['authenticateWithPassword', ['anonymous', 'user']],
  ['refreshSession', ['anonymous', 'user']],
  ['revokeSession', ['user']],
]);

/** Every root field asks who calls before it does anything. */
export function guardRootFields(schema: GraphQLSchema): GraphQLSchema {
  for (const type of [schema.getQueryType(), schema.getMutationType()]) {
    for (const field of Object.values(type?.getFields() ?? {})) {
      const { resolve } = field;
      field.resolve = (source, args, context: GraphQLContext, info) => {
        assertMayUse(context.principal, field.name);
        return resolve?.(source, args, context, info);
      };
    }
  }
  return schema;
}

function assertMayUse({ kind }: Principal, field: string): void {
  if (kind === 'api-key' || opened.get(field)?.includes(kind)) return;
  if (kind === 'anonymous') throw unauthorized();
  throw new DomainError('forbidden', 'An access token does not allow this. It takes an API key.');
}

/**
 * Whether the body of a request without credentials asks only for what needs none: a mutation, of these fields and no
 * fragments. For any other one the answer is the same, 401, whether it is well-formed or not.
 */
export function needsNoCredentials(body: string): boolean {
  const operation = readOperation(body);
  return (
    operation?.operation === 'mutation' &&
    operation.selectionSet.selections.every(
      (selection) => selection.kind === Kind.FIELD && opened.get(selection.name.value)?.includes('anonymous'),
    )
  );
}

function readOperation(body: string): OperationDefinitionNode | null {
  try {
    const { query, operationName } = JSON.parse(body);
    return getOperationAST(parse(query, { maxTokens, noLocation: true }), operationName) ?? null;
  } catch {
    return null;
  }
}
