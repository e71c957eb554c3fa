import type { DomainError, ErrorCode } from '../errors.ts';
import { encodedMessage, onlyIdentity } from '../request/content-encoding.ts';
import { type HttpResponse, jsonResponse } from '../request/messages.ts';
import { notSupported } from './execution/persisted-queries.ts';
import { domainExtensions } from './execution/presented-errors.ts';

const callerStatus: Partial<Record<ErrorCode, number>> = {
  unauthorized: 401,
  forbidden: 403,
  rate_limited: 429,
  service_unavailable: 503,
  outcome_unknown: 503,
};

/** The key is not valid, or was used too often, or the database that knows is away. */
export function callerError(error: DomainError): HttpResponse {
  const { http, ...extensions } = domainExtensions(error);
  const status = callerStatus[error.code] ?? 400;
  const { headers = {} } = (http ?? {}) as { headers?: Record<string, string> };
  const body = { errors: [{ message: error.message, extensions }] };
  const known = status === 401 ? { 'www-authenticate': 'Bearer', ...headers } : headers;
  return { ...jsonResponse(status, body, known), code: error.code.toUpperCase() };
}

export function badRequest(message: string, code = 'BAD_REQUEST'): HttpResponse {
  return httpError(400, code, message);
}

/** Before anything else is read of the request: in a stream, Yoga would answer it with 200. */
export function methodNotAllowed(): HttpResponse {
  return httpError(405, 'BAD_REQUEST', 'GraphQL is answered by GET and POST alone.', {}, { allow: 'GET, POST' });
}

export function foreignOrigin(message: string): HttpResponse {
  return httpError(403, 'ORIGIN_NOT_ALLOWED', message);
}

export function tooLarge(maxBytes: number): HttpResponse {
  return httpError(413, 'PAYLOAD_TOO_LARGE', `The request body is longer than ${maxBytes} bytes.`);
}

export function unsupportedEncoding(): HttpResponse {
  return httpError(415, 'UNSUPPORTED_MEDIA_TYPE', encodedMessage, {}, onlyIdentity);
}

/** Of Yoga's own answers, those with these states have no body. */
export function mediaTypeError(status: number): HttpResponse {
  return status === 415
    ? httpError(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send the request as application/json.')
    : httpError(406, 'NOT_ACCEPTABLE', 'Accept application/graphql-response+json or application/json.');
}

/** With status 200, since clients look for the code nowhere else. */
export function persistedQueryNotSupported(): HttpResponse {
  return httpError(200, notSupported.code, notSupported.message, {}, { 'cache-control': 'no-store' });
}

export function unexpectedError(requestId: string): HttpResponse {
  return httpError(500, 'INTERNAL_SERVER_ERROR', 'Unexpected error.', { requestId });
}

function httpError(
  status: number,
  code: string,
  message: string,
  details: object = {},
  headers: Record<string, string> = {},
): HttpResponse {
  return { ...jsonResponse(status, { errors: [{ message, extensions: { code, ...details } }] }, headers), code };
}
