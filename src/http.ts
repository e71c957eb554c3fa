import { randomUUID } from 'node:crypto';
import type { App } from './app.ts';
import { checkReadiness } from './db/readiness.ts';
import { DomainError } from './errors.ts';
import { createGraphQLDoor } from './graphql/door.ts';
import type { RequestFacts } from './request-facts.ts';

/** One request in, one response out; no port is needed. */
export type Handler = (request: Request, facts: RequestFacts) => Promise<Response>;

/** Everything that is served: `/graphql`, `/health` and `/ready`. Every answer has an `X-Request-ID`. */
export function createHandler(app: App): Handler {
  const graphql = createGraphQLDoor(app);
  const ready = checkReadiness(app);

  async function route(request: Request, requestId: string, facts: RequestFacts): Promise<Response> {
    switch (new URL(request.url).pathname) {
      case '/graphql':
        return graphql(request, requestId, facts);
      case '/health':
        return json(200, { status: 'alive' });
      case '/ready':
        return (await ready()) ? json(200, { status: 'ready' }) : json(503, { status: 'not ready' });
      case '/':
        return new Response(null, { status: 302, headers: { location: '/graphql' } });
      default:
        return json(404, { code: 'not_found', message: 'There is nothing here. GraphQL is at /graphql.' });
    }
  }

  return async (request, facts) => {
    const startedAt = performance.now();
    const requestId = requestIdOf(request);
    let response: Response;
    try {
      response = await route(request, requestId, facts);
    } catch (error) {
      response = presentFailure(app, requestId, error);
    }
    response.headers.set('x-request-id', requestId);
    response.headers.set('x-content-type-options', 'nosniff');
    app.log.info({
      requestId,
      method: request.method,
      path: new URL(request.url).pathname,
      status: response.status,
      durationMs: Math.round((performance.now() - startedAt) * 10) / 10,
    });
    return response;
  };
}

/** The caller's own id of the request where it is a harmless one, else a new one. */
function requestIdOf(request: Request): string {
  const given = request.headers.get('x-request-id') ?? '';
  return /^[\w.-]{1,128}$/.test(given) ? given : randomUUID();
}

function presentFailure(app: App, requestId: string, error: unknown): Response {
  if (error instanceof DomainError) return json(503, { code: error.code, message: error.message });
  app.log.error({ err: error, requestId }, 'unexpected error');
  return json(500, { code: 'internal_server_error', message: 'Unexpected error.' });
}

function json(status: number, body: unknown): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } });
}
