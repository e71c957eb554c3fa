import { getOperationAST, Kind, type OperationDefinitionNode, parse, type ValueNode } from 'graphql';
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

/** The refresh token of a body that asks for the next one and nothing else; null for any other body. */
export function readRefreshToken(body: unknown): string | null {
  const operation = readOperation(body);
  const [field, ...others] = operation?.operation === 'mutation' ? operation.selectionSet.selections : [];
  if (field?.kind !== Kind.FIELD || field.name.value !== 'refreshSession' || others.length > 0) return null;
  const token = readArgument(field.arguments?.[0]?.value, body);
  return typeof token === 'string' ? token : null;
}

function readArgument(value: ValueNode | undefined, body: unknown): unknown {
  if (value?.kind === Kind.STRING) return value.value;
  if (value?.kind !== Kind.VARIABLE) return null;
  const { variables } = body as { variables?: Record<string, unknown> | null };
  return variables?.[value.name.value];
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
