import { admit, admitAnyone, type RefreshToken } from '../auth/admit.ts';
import { DomainError } from '../errors.ts';
import type { Principal } from '../principal/principal.ts';
import { unauthorized } from '../principal/unauthorized.ts';
import { isEncoded } from '../request/content-encoding.ts';
import { acceptPreflight, foreignOriginMessage, isForeign, isPreflight } from '../request/cross-origin.ts';
import { type HttpRequest, type HttpResponse, streamResponse, textResponse } from '../request/messages.ts';
import { maxUnknownCallerBytes, type RequestMetadata } from '../request/request-metadata.ts';
import { type RequestRecord, recordPrincipal } from '../request/request-record.ts';
import { type ClientMetadata, describeClient, unknownClient } from '../sessions/client-metadata.ts';
import { createExecutedDocuments } from './execution/executed-documents.ts';
import { createFastPath } from './execution/fast-path.ts';
import { isSubscription, needsNoCredentials, readRefreshToken } from './execution/open-operations.ts';
import { DocumentError } from './execution/persisted-documents.ts';
import { createGraphQL, type RequestContext } from './execution/yoga.ts';
import { createPageHandler, type DevelopmentKey } from './graphiql/page-handler.ts';
import type { GraphQLApp } from './graphql-app.ts';
import {
  badRequest,
  callerError,
  foreignOrigin,
  mediaTypeError,
  methodNotAllowed,
  persistedQueryNotSupported,
  tooLarge,
  unexpectedError,
  unsupportedEncoding,
} from './http-errors.ts';
import { readIdempotencyKey } from './idempotency-key.ts';
import { readMediaTypes } from './media-types.ts';
import { type Asked, asksByHash, expandDocument, findFormProblem, parseJson } from './request-form.ts';

const eventStream = 'text/event-stream';
/** Proxies such as nginx would wait for the end of the answer. */
const streamHeaders = { 'content-type': eventStream, 'cache-control': 'no-cache, no-store', 'x-accel-buffering': 'no' };

interface Incoming {
  readonly request: HttpRequest;
  readonly record: RequestRecord;
  readonly metadata: RequestMetadata;
  /** The body of a POST. */
  readonly text: string | null;
}

/** The GraphQL handler: the page for browsers, and for everybody else operations, as far as they may use them. */
export function createGraphQLHandler(app: GraphQLApp, developmentKey?: DevelopmentKey) {
  const findPageAnswer = createPageHandler(app.config, developmentKey);
  const answerOperation = createOperationHandler(app);

  async function answer(request: HttpRequest, record: RequestRecord, metadata: RequestMetadata): Promise<HttpResponse> {
    try {
      const text = request.method === 'POST' ? await request.text() : null;
      const answerAnyone = findPageAnswer(request, metadata) ?? findAnswerForAnyone(app, request, text);
      if (!answerAnyone) return await answerOperation({ request, record, metadata, text });
      await admitAnyone(app, metadata.address);
      return await answerAnyone();
    } catch (error) {
      if (error instanceof DomainError) return callerError(error);
      app.log.error({ err: error, ...record }, 'unexpected error');
      return unexpectedError(record.requestId);
    }
  }

  return async (request: HttpRequest, record: RequestRecord, metadata: RequestMetadata): Promise<HttpResponse> => {
    const response = await answer(request, record, metadata);
    // It tells of people, and may hold their tokens.
    if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store');
    return response;
  };
}

/** Answers whoever may call: who they are comes first, then what is wrong with the form of the request, then the operation. */
function createOperationHandler(app: GraphQLApp) {
  const documents = createExecutedDocuments();
  const yoga = createGraphQL(app, documents);
  const answerFast = createFastPath(app, documents);

  return async ({ request, record, metadata, text }: Incoming): Promise<HttpResponse> => {
    const { method } = request;
    const credentials = request.headers.get('authorization') ?? findRefreshToken(app, request, text);
    const known = await admit(app, credentials, metadata.address);
    const principal = recordPrincipal(record, known);
    if (principal.kind !== 'anonymous' && method !== 'GET' && method !== 'POST') return methodNotAllowed();
    if (method === 'POST' && isEncoded(request)) return unsupportedEncoding();
    if (principal.kind === 'anonymous' && isLong(text)) throw unauthorized();
    if (principal.kind === 'user' && isLong(text)) return tooLarge(maxUnknownCallerBytes); // needs no more either
    const sent = parseJson(text);
    const asked = expandDocument(app, request.url, method, sent);
    if (principal.kind === 'anonymous' && !isOpen(asked)) throw unauthorized();
    if (metadata.tooLarge) return tooLarge(app.config.MAX_BODY_BYTES);
    const mediaTypes = readMediaTypes(request);
    if (typeof mediaTypes === 'number') return mediaTypeError(mediaTypes);
    if (asksByHash(app, request, text)) return persistedQueryNotSupported();
    const problem = findFormProblem(request, text, metadata);
    if (problem !== null) return badRequest(problem);
    if (asked instanceof DocumentError) return badRequest(asked.message, asked.code);

    if (mediaTypes === 'stream' && !isSubscription(asked.body, asked.url)) return mediaTypeError(406);

    const keyed = readIdempotencyKey({ request, sent, body: asked.body, principal }, documents);
    if (typeof keyed === 'string') return badRequest(keyed);

    const context = { app, record, principal, client: clientOf(principal, request, metadata), body: asked.body, keyed };
    const fast = mediaTypes === 'plain' ? await answerFast(request, text?.length ?? 0, context) : null;
    const response = fast ?? (await answerByYoga(request, asked.url, text, context));
    if (keyed?.isReplayed) response.headers.set('idempotent-replayed', 'true');
    return response;
  };

  async function answerByYoga(
    { method, headers }: HttpRequest,
    url: string,
    body: string | null,
    context: RequestContext,
  ): Promise<HttpResponse> {
    const response = await yoga.fetch(new Request(url, { method, headers: [...headers], body }), context);
    if (!response.body) return mediaTypeError(response.status);
    if (response.headers.get('content-type') === eventStream) return streamResponse(response.body, streamHeaders);
    return textResponse(response.status, await response.text(), Object.fromEntries(response.headers));
  }
}

/** What is answered whoever asks, or null. */
function findAnswerForAnyone(app: GraphQLApp, request: HttpRequest, text: string | null) {
  if (request.method !== 'GET' && isForeign(request, app.config.CORS_ORIGINS)) {
    return () => foreignOrigin(foreignOriginMessage);
  }
  if (isPreflight(request)) return () => acceptPreflight(app.config.CORS_HEADERS);
  if (!isLong(text) && asksByHash(app, request, text)) return persistedQueryNotSupported;
  return null;
}

function isOpen(asked: Asked | DocumentError): boolean {
  return !(asked instanceof DocumentError) && needsNoCredentials(asked.body);
}

/** The refresh token of whoever has no other credentials. Only what may hold one is parsed before it is counted. */
function findRefreshToken(app: GraphQLApp, { url, method }: HttpRequest, text: string | null): RefreshToken | null {
  if (!text?.includes('rt_') || isLong(text)) return null;
  const asked = expandDocument(app, url, method, parseJson(text));
  const refreshToken = asked instanceof DocumentError ? null : readRefreshToken(asked.body);
  return refreshToken === null ? null : { refreshToken };
}

function isLong(text: string | null): boolean {
  return text !== null && Buffer.byteLength(text) > maxUnknownCallerBytes;
}

/** A backend calls from its own address, not from its users'. */
function clientOf({ kind }: Principal, { headers }: HttpRequest, { address }: RequestMetadata): ClientMetadata {
  return kind === 'api-key' ? unknownClient : describeClient(address, headers.get('user-agent'));
}
