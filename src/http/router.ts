import { randomUUID } from 'node:crypto';
import { admitAnyone } from '../auth/admit.ts';
import { checkReadiness } from '../db/readiness.ts';
import { DomainError } from '../errors.ts';
import { graphiQLAssets, mayShowGraphiQL } from '../graphql/graphiql/assets.ts';
import type { DevelopmentKey } from '../graphql/graphiql/page-handler.ts';
import { createGraphQLHandler } from '../graphql/handler.ts';
import { foreignOriginMessage, isForeign, share } from '../request/cross-origin.ts';
import { emptyResponse, type HttpRequest, type HttpResponse, jsonResponse } from '../request/messages.ts';
import type { RequestMetadata } from '../request/request-metadata.ts';
import type { RequestRecord } from '../request/request-record.ts';
import { presentError } from '../rest/error-responses.ts';
import { createRestHandler } from '../rest/handler.ts';
import type { HttpApp } from './http-app.ts';
import { isWholeServer } from './request-target.ts';
import { secure } from './security-headers.ts';

/** One request in, one response out; no port is needed. */
export type Handler = (request: HttpRequest, metadata: RequestMetadata) => Promise<HttpResponse>;

interface Route {
  /** The methods that are answered; without them the answer sees to it. */
  readonly methods?: readonly string[];
  /** What the log shows of the path, where the path itself may tell of people. */
  readonly template?: string;
  /** Whether pages of other origins may ask; the answer then refuses those that may not. */
  readonly shared?: boolean;
  /** Who counts the request for its address: here, before anything is done, unless the answer finds out who calls. */
  readonly counted?: 'by the answer' | 'never';
  answer(request: HttpRequest, record: RequestRecord, metadata: RequestMetadata): HttpResponse | Promise<HttpResponse>;
}

const reading = ['GET', 'HEAD'];

/** What `OPTIONS *` asks about (RFC 9110, section 9.3.7). */
const wholeServer: Route = {
  template: '*',
  answer: () => emptyResponse(204, { allow: 'GET, HEAD, POST, PUT, DELETE, OPTIONS' }),
};

/** Whoever checks access tokens fetches the keys again for a key that they do not know, so this only spares requests. */
const cacheable = { 'cache-control': 'public, max-age=300' };

/** Where WorkOS's SDKs look for the keys. The id is theirs; here all clients have one set. */
const keySetOfClient = /^\/sso\/jwks\/[^/]+$/;

/** Everything that is served: both handlers, `/health`, `/ready` and the keys of access tokens. Every answer has an `X-Request-ID`. */
export function createHandler(app: HttpApp, developmentKey?: DevelopmentKey): Handler {
  const findRoute = createRoutes(app, developmentKey);

  return async (request, metadata) => {
    const startedAt = performance.now();
    const record: RequestRecord = { requestId: requestIdOf(request) };
    const { pathname } = new URL(request.url);
    const route = isWholeServer(request) ? wholeServer : findRoute(pathname);
    let response: HttpResponse;
    try {
      response = await follow(app, route ?? nowhere, request, record, metadata);
    } catch (error) {
      response = presentFailure(app, record, error);
    }
    response.headers.set('x-request-id', record.requestId);
    if (route?.shared) share(request, response, app.config.CORS_ORIGINS);
    secure(response.headers);
    const path = route ? (route.template ?? pathname) : '(unknown)'; // whatever else was asked for may hold an address
    if (app.log.isLevelEnabled('info')) {
      logAnswer(app, { ...record, method: request.method, path }, response, performance.now() - startedAt);
    }
    return response;
  };
}

/** Finds what is served at a path; null where there is nothing. */
function createRoutes(app: HttpApp, developmentKey?: DevelopmentKey): (pathname: string) => Route | null {
  const rest = createRestHandler(app);
  const ready = checkReadiness(app);
  const showsGraphiQL = mayShowGraphiQL(app.config);
  const answerReady = async () =>
    (await ready()) ? json(200, { status: 'ready' }) : json(503, { status: 'not ready' });
  const keySet: Route = {
    counted: 'never', // whoever verifies tokens needs the keys, whatever strangers send from the same address
    methods: reading,
    answer: async () => jsonResponse(200, await app.signingKeys.keySet(app.now()), cacheable),
  };

  const routes = new Map<string, Route>([
    ['/graphql', { shared: true, counted: 'by the answer', answer: createGraphQLHandler(app, developmentKey) }],
    // Probes come often, and perhaps through the proxy that everybody comes through, so they cost next to nothing instead.
    ['/health', { counted: 'never', methods: reading, answer: () => json(200, { status: 'alive' }) }],
    ['/ready', { counted: 'never', methods: reading, answer: answerReady }],
    ['/.well-known/jwks.json', keySet],
    ['/', { methods: reading, answer: () => emptyResponse(302, { location: '/graphql' }) }],
  ]);
  return (pathname) => {
    if (showsGraphiQL && graphiQLAssets.has(pathname)) return graphiQLAssets;
    if (keySetOfClient.test(pathname)) return { ...keySet, template: '/sso/jwks/:client_id' };
    return routes.get(pathname) ?? rest(pathname);
  };
}

function logAnswer({ log }: HttpApp, known: object, { status, code }: HttpResponse, tookMs: number): void {
  const durationMs = Math.round(tookMs * 10) / 10;
  const line = { ...known, status, ...(code !== undefined && { code }), durationMs };
  log.info(line, code === undefined ? 'answered' : `refused with ${code}`);
}

async function follow(
  app: HttpApp,
  route: Route,
  request: HttpRequest,
  record: RequestRecord,
  metadata: RequestMetadata,
) {
  const error = checkMethod(route, request);
  if (route.counted === undefined || error) await admitAnyone(app, metadata.address);
  return error ?? route.answer(request, record, metadata);
}

function checkMethod({ methods, shared }: Route, request: HttpRequest): HttpResponse | null {
  if (!shared && !reading.includes(request.method) && isForeign(request)) {
    return json(403, { code: 'origin_not_allowed', message: foreignOriginMessage });
  }
  if (!methods || methods.includes(request.method)) return null;
  const allow = methods.join(', ');
  const error = json(405, { code: 'method_not_allowed', message: `Only ${allow} is answered here.` });
  error.headers.set('allow', allow);
  return error;
}

/** Every path where there is nothing. */
const nowhere: Route = { answer: notFound };

function notFound(): HttpResponse {
  return json(404, {
    code: 'not_found',
    message: 'There is nothing here. GraphQL is at /graphql, REST under /user_management, described at /openapi.json.',
  });
}

/** The caller's own id of the request where it is a harmless one, else a new one. */
function requestIdOf(request: HttpRequest): string {
  const given = request.headers.get('x-request-id') ?? '';
  return /^[\w.-]{1,128}$/.test(given) ? given : randomUUID();
}

function presentFailure(app: HttpApp, record: RequestRecord, error: unknown): HttpResponse {
  if (error instanceof DomainError) return presentError(error);
  app.log.error({ err: error, ...record }, 'unexpected error');
  return json(500, { code: 'internal_server_error', message: 'Unexpected error.' });
}

function json(status: number, body: { readonly code?: string; readonly [name: string]: unknown }): HttpResponse {
  const response = jsonResponse(status, body, { 'cache-control': 'no-store' });
  return body.code === undefined ? response : { ...response, code: body.code };
}
