import {
  coerceInputValue,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLInputType,
  getNullableType,
  getOperationAST,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  type OperationDefinitionNode,
  typeFromAST,
  type VariableDefinitionNode,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { DomainError, type ErrorDetails } from '../../errors.ts';
import { maxIssues, tellMore } from '../../input/validation-errors.ts';
import type { GraphQLContext } from '../context.ts';
import { schema } from '../schema/schema.ts';
import { blame, explainWrongValue } from './error-messages.ts';

type Variables = Readonly<Record<string, unknown>>;

/**
 * Refuses wrong variables before graphql-js does: with every problem it would write the whole value, which is long where there
 * are many. The walk stops at the last problem that is told.
 */
export const refuseWrongVariables: Plugin<GraphQLContext> = { onExecute: refuse, onSubscribe: refuse };

interface Beginning {
  readonly args: Pick<ExecutionArgs, 'document' | 'operationName' | 'variableValues'>;
  setResultAndStopExecution(result: ExecutionResult): void;
}

function refuse({ args: { document, operationName, variableValues }, setResultAndStopExecution }: Beginning): void {
  const operation = getOperationAST(document, operationName);
  const errors = operation ? findWrongVariables(operation, variableValues ?? {}) : [];
  if (errors.length > 0) setResultAndStopExecution({ errors });
}

class Enough extends Error {}

function findWrongVariables(
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Variables,
): GraphQLError[] {
  const errors: GraphQLError[] = [];
  const add = (node: VariableDefinitionNode, message: string, blamed: ErrorDetails) => {
    if (errors.length >= maxIssues) throw new Enough();
    errors.push(wrong(message, blamed, node));
  };
  try {
    for (const node of variableDefinitions) judge(node, variables, (message, blamed) => add(node, message, blamed));
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
    errors.push(wrong(tellMore(Math.max(1, countUnknownFields(variableDefinitions, variables) - maxIssues))));
  }
  return errors;
}

function wrong(message: string, blamed: ErrorDetails = {}, node?: VariableDefinitionNode): GraphQLError {
  const originalError = new DomainError('invalid_request_parameters', message, blamed);
  return new GraphQLError(message, {
    originalError,
    extensions: { http: { status: 400 } },
    ...(node && { nodes: node }),
  });
}

/** The same rules as graphql-js has, in the same words. */
function judge(
  { variable, type: node, defaultValue }: VariableDefinitionNode,
  variables: Variables,
  add: (message: string, blamed: ErrorDetails) => void,
): void {
  const name = variable.name.value;
  const type = typeFromAST(schema, node);
  if (!isInputType(type)) return;
  if (!Object.hasOwn(variables, name)) {
    if (!defaultValue && isNonNullType(type))
      add(`Variable "$${name}" of required type "${type}" was not provided.`, { field: name });
  } else if (variables[name] === null && isNonNullType(type)) {
    add(`Variable "$${name}" of non-null type "${type}" must not be null.`, { field: name });
  } else {
    coerceInputValue(variables[name], type, (path, _value, error) => {
      const { reason, field = nameIn(path) ?? name } = explainWrongValue(error.message);
      const [index] = path; // of an item, where the variable is a list
      if (typeof index !== 'number') return add(blame(field, reason), { field });
      add(`${name}[${index}]: ${field === name ? reason : blame(field, reason)}`, { field, index });
    });
  }
}

/** The last name in a path, which may end with places in lists. */
function nameIn(path: readonly (string | number)[]): string | undefined {
  return path.findLast((part) => typeof part === 'string');
}

function countUnknownFields(definitions: readonly VariableDefinitionNode[], variables: Variables): number {
  const counts = definitions.map(({ type: node, variable }) => {
    const type = typeFromAST(schema, node);
    return isInputType(type) ? countUnknown(variables[variable.name.value], type) : 0;
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

function countUnknown(value: unknown, nullable: GraphQLInputType): number {
  const type = getNullableType(nullable);
  if (typeof value !== 'object' || value === null) return 0;
  if (isListType(type)) {
    return (Array.isArray(value) ? value : [value]).reduce((sum, item) => sum + countUnknown(item, type.ofType), 0);
  }
  if (!isInputObjectType(type)) return 0;
  const fields = type.getFields();
  return Object.entries(value).reduce(
    (sum, [name, inner]) => sum + (fields[name] ? countUnknown(inner, fields[name].type) : 1),
    0,
  );
}
