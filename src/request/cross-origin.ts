import { emptyResponse, type HttpRequest, type HttpResponse } from './messages.ts';

/** How long a browser may keep the answer to a preflight; Chrome keeps none longer. */
const preflightSeconds = 7200;

/**
 * What such pages may send: what Roster reads, and what the libraries of tracing, error reporting and GraphQL add to every
 * request. Roster reads none of the latter. `CORS_HEADERS` adds to them.
 */
const allowedHeaders = [
  ...['authorization', 'content-type', 'roster-read-after', 'x-request-id', 'idempotency-key'],
  ...['traceparent', 'tracestate', 'baggage', 'b3', 'x-b3-traceid', 'x-b3-spanid', 'x-b3-parentspanid', 'x-b3-sampled'],
  ...['sentry-trace', 'newrelic', 'request-id', 'request-context', 'x-amzn-trace-id', 'x-cloud-trace-context'],
  ...['x-datadog-trace-id', 'x-datadog-parent-id', 'x-datadog-origin', 'x-datadog-sampling-priority'],
  ...['apollographql-client-name', 'apollographql-client-version', 'apollo-require-preflight', 'x-apollo-operation-id'],
  ...['x-apollo-operation-name', 'graphql-client-name', 'graphql-client-version', 'x-graphql-client-name'],
  ...['x-graphql-client-version', 'graphql-require-preflight', 'x-requested-with', 'cache-control', 'pragma'],
];
const readableHeaders = 'retry-after, roster-write-position, idempotent-replayed, x-request-id';

/** What a request is refused with that another site made a browser send. */
export const foreignOriginMessage =
  'A page of this origin may not ask here. Its origin must be listed in CORS_ORIGINS, and then only /graphql answers it.';

/**
 * Whether a page of another origin, that is not in the list, made a browser send this. Browsers say so with each request
 * that could change something: in `Origin`, or, where they leave that out, in `Sec-Fetch-Site`. Other clients send neither.
 */
export function isForeign({ headers, url }: HttpRequest, allowed: readonly string[] = []): boolean {
  const origin = headers.get('origin');
  if (origin === null) return /\b(cross|same)-site\b/.test(headers.get('sec-fetch-site') ?? '');
  return !allowed.includes(origin) && !isOwn(origin, url);
}

/** By host and port: what ends TLS in front of Roster changes the scheme. */
function isOwn(origin: string, url: string): boolean {
  return /^https?:\/\//.test(origin) && URL.canParse(origin) && new URL(origin).host === new URL(url).host;
}

/** The question of a browser whether the page of another origin may send what it is about to. */
export function isPreflight({ method, headers }: HttpRequest): boolean {
  return (
    method === 'OPTIONS' && headers.get('origin') !== null && headers.get('access-control-request-method') !== null
  );
}

/** The answer to a preflight from an allowed origin; `share` completes it. */
export function acceptPreflight(moreHeaders: readonly string[] = []): HttpResponse {
  return emptyResponse(204, {
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': [...allowedHeaders, ...moreHeaders].join(', '),
    'access-control-max-age': String(preflightSeconds),
  });
}

/** Lets the page of an allowed origin read an answer. There are no cookies, so credentials are never allowed. */
export function share({ headers }: HttpRequest, answer: HttpResponse, allowed: readonly string[] = []): void {
  const origin = headers.get('origin');
  answer.headers.set('vary', 'Origin');
  if (origin === null || !allowed.includes(origin)) return;
  answer.headers.set('access-control-allow-origin', origin);
  answer.headers.set('access-control-expose-headers', readableHeaders);
}
