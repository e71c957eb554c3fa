import {
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import type { Principal } from '../principal/principal.ts';
import type { Scope } from '../principal/scopes.ts';
import { unauthorized } from '../principal/unauthorized.ts';
import { assertMayRead, assertScopes } from '../users/access.ts';
import type { GraphQLContext } from './context.ts';
import { selectedUserFields } from './schema/selected-fields.ts';

/** Enough for a sign-in that asks for everything. */
const maxTokens = 500;

/** Who may use a root field: the holders of an API key with these scopes, and who else. */
interface RootAccess {
  readonly scopes: readonly Scope[];
  readonly also?: readonly Principal['kind'][];
}

const read: RootAccess = { scopes: ['users:read'] };
/** The rule of a writer asks by itself, also whoever gets there in another way: users/access.ts. Nobody writes without credentials. */
const write: RootAccess = { scopes: [], also: ['api-key', 'user'] };
const signIn: RootAccess = { scopes: ['sessions:write'], also: ['anonymous', 'user'] };

/** A root field that is not here cannot be used, and Roster does not start. */
const rootAccess: ReadonlyMap<string, RootAccess> = new Map([
  ['viewer', { scopes: [], also: ['user'] }],
  ['user', read],
  ['userByEmail', read],
  ['userByExternalId', read],
  ['users', read],
  ['updateUser', write],
  ['createUser', write],
  ['deleteUser', write],
  ['setUserManaged', write],
  ['removePassword', write],
  ['linkIdentity', write],
  ['unlinkIdentity', write],
  ['authenticateWithPassword', signIn],
  ['refreshSession', signIn],
  ['revokeSession', write],
  ['revokeAllSessions', write],
]);

/** Every root field asks, before it does anything, who calls and whether they may read what they want back. */
export function guardRootFields(schema: GraphQLSchema): GraphQLSchema {
  for (const type of [schema.getQueryType(), schema.getMutationType()]) {
    for (const field of Object.values(type?.getFields() ?? {})) {
      const { resolve } = field;
      const access = rootAccess.get(field.name);
      if (!access) throw new Error(`Who may use the root field ${field.name}? graphql/access.ts does not say.`);
      field.resolve = (source, args, context: GraphQLContext, info) => {
        assertMayUse(context.principal, access, info);
        return resolve?.(source, args, context, info);
      };
    }
  }
  return schema;
}

function assertMayUse(principal: Principal, { scopes, also = [] }: RootAccess, info: GraphQLResolveInfo): void {
  if (!also.includes(principal.kind)) {
    if (principal.kind === 'anonymous') throw unauthorized();
    assertScopes(principal, scopes);
  }
  assertMayRead(principal, selectedUserFields(info));
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
      (selection) => selection.kind === Kind.FIELD && rootAccess.get(selection.name.value)?.also?.includes('anonymous'),
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
