import { admit, admitAnyone } from '../auth/admit.ts';
import { DomainError, type ErrorCode } from '../errors.ts';
import { isPercentEncoded } from '../input/percent-encoding.ts';
import { hasRepeatedName } from '../input/repeated-names.ts';
import type { Principal } from '../principal/principal.ts';
import { unauthorized } from '../principal/unauthorized.ts';
import { encodedMessage, isEncoded, onlyIdentity } from '../request/content-encoding.ts';
import { acceptPreflight, foreignOriginMessage, isForeign, isPreflight } from '../request/cross-origin.ts';
import { type HttpRequest, type HttpResponse, jsonResponse, textResponse } from '../request/messages.ts';
import { maxUnknownCallerBytes, type RequestMetadata } from '../request/request-metadata.ts';
import { type RequestRecord, recordPrincipal } from '../request/request-record.ts';
import { type ClientMetadata, describeClient, unknownClient } from '../sessions/client-metadata.ts';
import { createExecutedDocuments } from './execution/executed-documents.ts';
import { createFastPath } from './execution/fast-path.ts';
import { needsNoCredentials } from './execution/open-operations.ts';
import type { DocumentError, Expanded } from './execution/persisted-documents.ts';
import { isPersistedQuery, notSupported } from './execution/persisted-queries.ts';
import { domainExtensions } from './execution/presented-errors.ts';
import { createGraphQL } from './execution/yoga.ts';
import { createPageHandler, type DevelopmentKey } from './graphiql/page-handler.ts';
import type { GraphQLApp } from './graphql-app.ts';
import { acceptsJson, isJson } from './media-types.ts';

/** The GraphQL handler: the page for browsers, and for everybody else operations, as far as they may use them. */
export function createGraphQLHandler(app: GraphQLApp, developmentKey?: DevelopmentKey) {
  const findPageAnswer = createPageHandler(app.config, developmentKey);
  const documents = createExecutedDocuments();
  const yoga = createGraphQL(app, documents);
  const answerFast = createFastPath(app, documents);

  async function answerRequest(
    request: HttpRequest,
    record: RequestRecord,
    metadata: RequestMetadata,
  ): Promise<HttpResponse> {
    const { method } = request;
    try {
      const text = method === 'POST' ? await request.text() : null;
      const answer = findPageAnswer(request, metadata) ?? findAnswerForAnyone(app, request, text);
      if (answer) {
        await admitAnyone(app, metadata.address);
        return await answer();
      }
      const principal = await admit(app, request.headers.get('authorization'), metadata.address);
      recordPrincipal(record, principal);
      if (method === 'POST' && isEncoded(request)) return refuseEncoding();
      if (principal.kind === 'anonymous' && isLong(text)) throw unauthorized();
      const { url, body } = expandDocument(app, request, text);
      if (principal.kind === 'anonymous' && !(typeof body === 'string' && needsNoCredentials(body)))
        throw unauthorized();
      if (metadata.tooLarge) return refuseLength(app.config.MAX_BODY_BYTES);
      if (principal.kind === 'user' && isLong(text)) return refuseLength(maxUnknownCallerBytes); // needs no more either
      if (method === 'POST' && !isJson(request)) return refuseMediaType(415);
      if (!acceptsJson(request)) return refuseMediaType(406);
      if (!isPercentEncoded(request.url)) return refuse(400, 'BAD_REQUEST', wronglyEncoded);
      if (asksByHash(app, request, text)) return refusePersistedQuery();
      if (metadata.notUtf8) return refuse(400, 'BAD_REQUEST', 'The request body is not valid UTF-8.');
      if (isAmbiguous(request, text)) return refuse(400, 'BAD_REQUEST', ambiguous);
      if (isDocumentError(url)) return refuse(400, url.code, url.message);
      if (isDocumentError(body)) return refuse(400, body.code, body.message);
      const context = { app, record, principal, client: clientOf(principal, request, metadata) };
      const fast = body === null ? null : await answerFast(request, body, context);
      if (fast) return fast;
      const response = await yoga.fetch(new Request(url, { method, headers: [...request.headers], body }), context);
      if (!response.body) return refuseMediaType(response.status);
      return textResponse(response.status, await response.text(), Object.fromEntries(response.headers));
    } catch (error) {
      if (error instanceof DomainError) return refuseCaller(error);
      app.log.error({ err: error, ...record }, 'unexpected error');
      return refuse(500, 'INTERNAL_SERVER_ERROR', 'Unexpected error.', { requestId: record.requestId });
    }
  }

  return async (request: HttpRequest, record: RequestRecord, metadata: RequestMetadata): Promise<HttpResponse> => {
    const response = await answerRequest(request, record, metadata);
    // It tells of people, and may hold their tokens.
    if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store');
    return response;
  };
}

const ambiguous = 'The request has a name twice, and it is not clear which one counts.';

/** Whether a name comes twice: in the JSON of a body, or in the query of an address and the JSON there. */
function isAmbiguous({ url }: HttpRequest, body: string | null): boolean {
  if (body !== null) return hasRepeatedName(body);
  const parameters = [...new URL(url).searchParams];
  if (new Set(parameters.map(([name]) => name)).size < parameters.length) return true;
  return parameters.some(([name, value]) => ['variables', 'extensions'].includes(name) && hasRepeatedName(value));
}

const wronglyEncoded = 'The address is not correctly percent-encoded UTF-8.';

/** What is answered whoever asks, or null. */
function findAnswerForAnyone(app: GraphQLApp, request: HttpRequest, text: string | null) {
  if (request.method !== 'GET' && isForeign(request, app.config.CORS_ORIGINS)) {
    return () => refuse(403, 'ORIGIN_NOT_ALLOWED', foreignOriginMessage);
  }
  if (isPreflight(request)) return () => acceptPreflight(app.config.CORS_HEADERS);
  if (!isLong(text) && asksByHash(app, request, text)) return refusePersistedQuery;
  return null;
}

function isLong(text: string | null): boolean {
  return text !== null && Buffer.byteLength(text) > maxUnknownCallerBytes;
}

/** Where there are persisted documents, hashes are theirs. */
function asksByHash({ persistedDocuments }: GraphQLApp, request: HttpRequest, text: string | null): boolean {
  return !persistedDocuments && (text === null || isJson(request)) && isPersistedQuery(request, text);
}

/** The address and the body; where only persisted documents are answered, with the document in the place of its hash. */
function expandDocument({ persistedDocuments }: GraphQLApp, { method, url }: HttpRequest, body: string | null) {
  if (!persistedDocuments) return { url, body };
  return {
    url: method === 'GET' ? persistedDocuments.expandUrl(url) : url,
    body: body === null ? null : persistedDocuments.expandBody(body),
  };
}

function isDocumentError(expanded: Expanded | null): expanded is DocumentError {
  return typeof expanded === 'object' && expanded !== null;
}

/** A backend calls from its own address, not from its users'. */
function clientOf({ kind }: Principal, { headers }: HttpRequest, { address }: RequestMetadata): ClientMetadata {
  return kind === 'api-key' ? unknownClient : describeClient(address, headers.get('user-agent'));
}

const callerStatus: Partial<Record<ErrorCode, number>> = {
  unauthorized: 401,
  forbidden: 403,
  rate_limited: 429,
  service_unavailable: 503,
  outcome_unknown: 503,
};

/** The key is not valid, or was used too often, or the database that knows is away. */
function refuseCaller(error: DomainError): HttpResponse {
  const { http, ...extensions } = domainExtensions(error);
  const status = callerStatus[error.code] ?? 400;
  const { headers = {} } = (http ?? {}) as { headers?: Record<string, string> };
  const body = { errors: [{ message: error.message, extensions }] };
  const known = status === 401 ? { 'www-authenticate': 'Bearer', ...headers } : headers;
  return { ...jsonResponse(status, body, known), code: error.code.toUpperCase() };
}

function refuseLength(maxBytes: number): HttpResponse {
  return refuse(413, 'PAYLOAD_TOO_LARGE', `The request body is longer than ${maxBytes} bytes.`);
}

/** Of Yoga's own answers, these have no body. */
function refuseMediaType(status: number): HttpResponse {
  return status === 415
    ? refuse(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send the request as application/json.')
    : refuse(406, 'NOT_ACCEPTABLE', 'Accept application/graphql-response+json or application/json.');
}

/** With status 200, since clients look for the code nowhere else. */
function refusePersistedQuery(): HttpResponse {
  return refuse(200, notSupported.code, notSupported.message, {}, { 'cache-control': 'no-store' });
}

function refuseEncoding(): HttpResponse {
  return refuse(415, 'UNSUPPORTED_MEDIA_TYPE', encodedMessage, {}, onlyIdentity);
}

function refuse(
  status: number,
  code: string,
  message: string,
  details: object = {},
  headers: Record<string, string> = {},
): HttpResponse {
  return { ...jsonResponse(status, { errors: [{ message, extensions: { code, ...details } }] }, headers), code };
}
