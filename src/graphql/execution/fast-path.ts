import { type ExecutionResult, execute, type GraphQLError, getOperationAST } from 'graphql';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../../request/messages.ts';
import type { RequestRecord } from '../../request/request-record.ts';
import { answerTooLong, isTooLong } from '../limits/answer-limit.ts';
import { createLargestAnswer, maxMutationBytes } from '../limits/largest-answer.ts';
import { hasManySecrets } from '../limits/one-secret.ts';
import { rootFieldNames } from '../root-fields.ts';
import { schema } from '../schema/schema.ts';
import type { ExecutedDocuments } from './executed-documents.ts';
import type { ExecutionApp } from './execution-app.ts';
import { afterExecution, presentError } from './presented-errors.ts';
import { appForQuery, markWrite } from './read-your-writes.ts';
import type { RequestContext } from './yoga.ts';

/** That of five hundred updates. A longer body is rare, and if its variables are wrong, it costs twice. */
const maxLength = 131_072;

interface Params {
  readonly query: string;
  readonly variables?: Record<string, unknown> | null;
  readonly operationName?: string | null;
}

/**
 * The common request, a plain JSON POST of a document that Yoga has executed before, without Yoga's general machinery, which
 * costs more than the rest of an update. Execution and errors are the same. Whatever is not common, or is refused before
 * its execution, is answered by null, without effect, and left to Yoga.
 */
export function createFastPath(app: ExecutionApp, documents: ExecutedDocuments) {
  const largestAnswer = createLargestAnswer(app.config);
  return async (request: HttpRequest, length: number, context: RequestContext): Promise<HttpResponse | null> => {
    const params = length <= maxLength && isParams(context.body) ? context.body : null;
    const document = params && documents.find(params.query);
    const operation = document && getOperationAST(document, params.operationName);
    if (!operation || operation.operation === 'subscription') return null;
    if (hasManySecrets(document, operation, params.variables)) return null;
    if (largestAnswer(document, operation, params.variables) > maxMutationBytes) return null; // Yoga looks before it puts it together
    const isQuery = operation.operation === 'query';
    context.record.fields = rootFieldNames(document, operation);
    const result = await execute({
      schema,
      document,
      variableValues: params.variables ?? {},
      operationName: params.operationName ?? null,
      options: { maxCoercionErrors: 0 }, // the first wrong variable is enough to leave it to Yoga
      contextValue: isQuery ? { ...context, app: await appForQuery(app, request) } : context,
    });
    if (!('data' in result)) return null; // the variables were refused, and nothing was executed
    const response = present(afterExecution(result, isQuery), context.record, app);
    if (isQuery) return isTooLong(response.body) ? present(answerTooLong, context.record, app) : response;
    await markWrite(app, response);
    return response;
  };
}

function isParams(params: unknown): params is Params {
  if (typeof params !== 'object' || params === null) return false;
  const { query, variables = null, operationName = null, ...others } = params as Record<string, unknown>;
  return (
    typeof query === 'string' &&
    typeof variables === 'object' &&
    !Array.isArray(variables) &&
    (operationName === null || typeof operationName === 'string') &&
    Object.keys(others).length === 0
  );
}

function present({ data, errors }: ExecutionResult, record: RequestRecord, app: ExecutionApp) {
  const presented = errors?.map((error) => presentError(error, record, app.log));
  const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8' };
  const body = presented ? { errors: presented.map((error) => toJson(error, headers)), data } : { data };
  return jsonResponse(200, body, headers);
}

/** `extensions.http` is for the answer's headers, not for the client. */
function toJson(error: GraphQLError, headers: Record<string, string>): object {
  const { message, locations, path } = error;
  const { http, ...extensions } = error.extensions as { http?: { headers?: Record<string, string> } };
  Object.assign(headers, http?.headers);
  return { message, ...(locations && { locations }), ...(path && { path }), extensions };
}
