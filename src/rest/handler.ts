import { admitAnyone, admitApiKey } from '../auth/admit.ts';
import { DomainError } from '../errors.ts';
import { isPercentEncoded } from '../input/percent-encoding.ts';
import { assertScopes } from '../principal/authorization.ts';
import type { HttpRequest, HttpResponse } from '../request/messages.ts';
import { maxUnknownCallerBytes, type RequestMetadata } from '../request/request-metadata.ts';
import { type RequestRecord, recordPrincipal } from '../request/request-record.ts';
import { readBody, readPairs, wronglyEncoded } from './bodies.ts';
import { type Call, json, type Operation } from './call.ts';
import { presentError } from './error-responses.ts';
import { isKeyed, readIdempotencyKey, readTwice } from './idempotency-key.ts';
import { describeApi } from './openapi.ts';
import type { RestApp } from './rest-app.ts';
import { matchRoute, routes } from './routes.ts';
import { UnreadableRequest } from './unreadable-request.ts';

/** A path that is served, and what to do for its methods. */
export interface RestRoute {
  /** The path without what tells of people, for the log. */
  readonly template: string;
  readonly methods: readonly string[];
  /** The answer finds out who calls, and counts them. */
  readonly counted?: 'by the answer';
  answer(request: HttpRequest, record: RequestRecord, metadata: RequestMetadata): Promise<HttpResponse>;
}

/** The REST handler: finds what is served at a path; null for any other. */
export function createRestHandler(app: RestApp): (pathname: string) => RestRoute | null {
  let document: ReturnType<typeof describeApi> | undefined; // made when somebody asks for it
  const openApi: RestRoute = {
    template: '/openapi.json',
    methods: ['GET', 'HEAD'],
    answer: async () => {
      document ??= describeApi();
      return json(200, document);
    },
  };

  return (pathname) => {
    if (pathname === openApi.template) return openApi;
    const match = matchRoute(pathname);
    if (!match) return null;
    const operations = routes[match.template] ?? {};
    return {
      template: match.template,
      counted: 'by the answer',
      methods: Object.keys(operations).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])),
      answer: (request, record, metadata) => {
        const operation = operations[request.method === 'HEAD' ? 'GET' : request.method] as Operation;
        return answerOperation(operation, app, { request, record, metadata }, match.key);
      },
    };
  };
}

/** A request, and what is known of it besides. */
interface Incoming {
  readonly request: HttpRequest;
  readonly record: RequestRecord;
  readonly metadata: RequestMetadata;
}

async function answerOperation(
  operation: Operation,
  app: RestApp,
  incoming: Incoming,
  key: string,
): Promise<HttpResponse> {
  const { record, metadata } = incoming;
  const request = isKeyed(incoming.request) ? readTwice(incoming.request) : incoming.request;
  let asked = false;
  try {
    const identify = async (secret?: string) => {
      asked = true;
      const authorization = secret === undefined ? request.headers.get('authorization') : `Bearer ${secret}`;
      const principal = recordPrincipal(record, await admitApiKey(app, authorization, metadata.address));
      assertScopes(principal, operation.scopes);
      return principal;
    };
    const known = operation.keyInBody ? null : await identify();
    const authenticate = async (secret?: string) => known ?? identify(secret);
    const keyed = known && (await readIdempotencyKey(request, operation, known));
    const call: Call = {
      app,
      request,
      key: decode(key),
      query: readQuery(request, operation),
      userAgent: request.headers.get('user-agent'),
      body: () => readBody(request, metadata, accepted(operation, app)),
      authenticate,
      perform: async (rule) => {
        const actor = await authenticate();
        return keyed ? app.idempotency.perform(app, keyed, (keeping) => rule(keeping, actor)) : rule(app, actor);
      },
    };
    const response = await operation.answer(call);
    if (keyed?.isReplayed) response.headers.set('idempotent-replayed', 'true');
    return response;
  } catch (error) {
    const cause = asked ? error : await countUnidentified(app, metadata, error);
    if (cause instanceof DomainError || cause instanceof UnreadableRequest) return presentError(cause, operation);
    throw cause;
  }
}

/** Where the key is in the body, a request that was refused before anybody looked for it counts for its address. */
async function countUnidentified(app: RestApp, { address }: RequestMetadata, error: unknown): Promise<unknown> {
  return admitAnyone(app, address).then(
    () => error,
    (limit: unknown) => limit,
  );
}

/** Where the key is in the body, nobody knows yet who sent it. */
function accepted({ mediaTypes = ['application/json'], keyInBody }: Operation, { config }: RestApp) {
  const { MAX_BODY_BYTES } = config;
  return { mediaTypes, maxBytes: keyInBody ? Math.min(maxUnknownCallerBytes, MAX_BODY_BYTES) : MAX_BODY_BYTES };
}

function decode(key: string): string {
  if (!isPercentEncoded(key)) throw wronglyEncoded('The path');
  return decodeURIComponent(key);
}

function readQuery({ url }: HttpRequest, { query: parameters }: Operation): Record<string, string> {
  if (!url.includes('?')) return {};
  const query = readPairs(new URL(url).search.slice(1), 'The query');
  const [first] = Object.keys(query);
  if (parameters || first === undefined) return query;
  throw new DomainError('invalid_request_parameters', 'There is no such parameter.', { field: first });
}
