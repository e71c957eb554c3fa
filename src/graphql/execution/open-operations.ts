import { getOperationAST, Kind, type OperationDefinitionNode, parse } from 'graphql';
import { rootFields } from '../access.ts';

/** Enough for a sign-in that asks for everything. */
const maxTokens = 500;

/**
 * Whether the body of a request without credentials asks only for what needs none: a mutation, of these fields and no
 * fragments. For any other one the answer is the same, 401, whether it is well-formed or not.
 */
export function needsNoCredentials(body: unknown): boolean {
  const operation = readOperation(body);
  return (
    operation?.operation === 'mutation' &&
    operation.selectionSet.selections.every(
      (selection) => selection.kind === Kind.FIELD && rootFields.get(selection.name.value)?.also.includes('anonymous'),
    )
  );
}

/** Whether a request asks for a stream: in its body, or, as GraphiQL does, in its address. */
export function isSubscription(body: unknown, url: string): boolean {
  return readOperation(body ?? Object.fromEntries(new URL(url).searchParams))?.operation === 'subscription';
}

function readOperation(body: unknown): OperationDefinitionNode | null {
  try {
    const { query, operationName } = body as { query: string; operationName?: string };
    return getOperationAST(parse(query, { maxTokens, noLocation: true }), operationName) ?? null;
  } catch {
    return null;
  }
}
