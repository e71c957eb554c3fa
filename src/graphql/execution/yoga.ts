import { type ExecutionArgs, getOperationAST } from 'graphql';
import { createYoga, isAsyncIterable, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import type { GraphQLContext } from '../context.ts';
import { answerLimit } from '../limits/answer-limit.ts';
import { createDocumentLimits } from '../limits/document-limits.ts';
import { rootFieldNames } from '../root-fields.ts';
import { schema } from '../schema/schema.ts';
import type { ExecutedDocuments } from './executed-documents.ts';
import type { ExecutionApp } from './execution-app.ts';
import { mayIntrospect, withoutIntrospection } from './introspection.ts';
import { afterExecution, presentError } from './presented-errors.ts';
import { appForQuery, markWrite } from './read-your-writes.ts';
import { createStreamedResults } from './streamed-results.ts';
import { unconditionalSubscriptions } from './unconditional-subscriptions.ts';
import { refuseWrongVariables } from './variables.ts';

/** What is known of a request before its operation is looked at. */
export interface RequestContext extends GraphQLContext {
  /** The body as JSON, with the document in it; undefined where it is none. */
  readonly body: unknown;
}

/** GraphQL over HTTP at `/graphql`. Who may call, and how long a body may be, is decided before it. */
export function createGraphQL(
  app: ExecutionApp,
  documents: ExecutedDocuments,
): YogaServerInstance<RequestContext, object> {
  return createYoga<RequestContext>({
    schema,
    graphiql: false,
    landingPage: false,
    cors: false, // decided before it, with a list
    multipart: false,
    maskedErrors: false,
    logging: false,
    maxRequestBodySize: false,
    parserAndValidationCache: false, // it keeps a thousand documents of any size, and those that were refused
    plugins: [
      useParsedBody,
      ...createDocumentLimits(app.config),
      answerLimit,
      refuseWrongVariables,
      unconditionalSubscriptions,
      documents.plugin,
      useRecordedFields,
      useReplicaForQueries(app),
      usePresentedErrors(app),
      createStreamedResults(app.log),
      ...(mayIntrospect(app.config) ? [] : [withoutIntrospection]),
    ],
  });
}

/** The body has been parsed, so Yoga need not do it again. What is no object is left to it, to be refused. */
const useParsedBody: Plugin<object, RequestContext> = {
  onRequestParse({ serverContext: { body }, setRequestParser }) {
    if (typeof body === 'object' && body !== null) setRequestParser(() => body);
  },
};

/** By then the document is valid, so the names are those of the schema. */
const useRecordedFields: Plugin<GraphQLContext> = {
  onExecute: recordFields,
  onSubscribe: recordFields,
};

function recordFields({
  args: { document, operationName, contextValue },
}: {
  args: ExecutionArgs & { contextValue: Pick<GraphQLContext, 'record'> };
}): void {
  const operation = getOperationAST(document, operationName);
  if (operation) contextValue.record.fields = rootFieldNames(document, operation);
}

/** Queries may read from the replica; a mutation, and everything it returns, reads where it wrote. */
function useReplicaForQueries(app: ExecutionApp): Plugin<GraphQLContext> {
  const changes = new WeakSet<Request>();
  return {
    async onExecute({ args, extendContext }) {
      const { request } = args.contextValue;
      const operation = getOperationAST(args.document, args.operationName)?.operation;
      if (operation === 'query') return extendContext({ app: await appForQuery(app, request) });
      changes.add(request);
      return {
        onExecuteDone: ({ result, setResult }) => {
          if (!isAsyncIterable(result)) setResult(afterExecution(result, false));
        },
      };
    },
    async onResponse({ request, response }) {
      if (changes.has(request)) await markWrite(app, response);
    },
  };
}

function usePresentedErrors(app: ExecutionApp): Plugin<object, GraphQLContext> {
  return {
    onResultProcess({ result, setResult, serverContext }) {
      if (!('errors' in result) || !result.errors) return;
      const { record } = serverContext;
      setResult({ ...result, errors: result.errors.map((error) => presentError(error, record, app.log)) });
    },
  };
}
