import { parseInput } from '../input/input-rules.ts';
import { assertNoIssues } from '../input/validation-errors.ts';
import { hasScope } from '../principal/authorization.ts';
import { emptyResponse, type HttpResponse } from '../request/messages.ts';
import {
  createWebhookEndpoint,
  deleteWebhookEndpoint,
  getWebhookEndpoint,
  listWebhookEndpoints,
  updateWebhookEndpoint,
} from '../webhooks/endpoints.ts';
import { toInput } from './body-input.ts';
import { type Call, json } from './call.ts';
import { pageFields, presentList, toPage } from './paging.ts';
import { endpointFields, newEndpointFields, presentEndpoint } from './wire-webhooks.ts';

const queryFields = pageFields('we');

/** `GET /webhook_endpoints` */
export async function answerEndpoints({ app, query, authenticate }: Call): Promise<HttpResponse> {
  const { fields, issues } = parseInput(queryFields, query);
  assertNoIssues(issues);
  const showSecret = hasScope(await authenticate(), 'webhooks:write');
  const { endpoints, hasMore } = await listWebhookEndpoints(app, toPage(fields));
  return json(
    200,
    presentList(fields, endpoints, hasMore, (endpoint) => presentEndpoint(app, endpoint, showSecret)),
  );
}

/** `GET /webhook_endpoints/{id}` */
export async function answerEndpoint({ app, key: id, authenticate }: Call): Promise<HttpResponse> {
  const showSecret = hasScope(await authenticate(), 'webhooks:write');
  return json(200, presentEndpoint(app, await getWebhookEndpoint(app, id), showSecret));
}

/** `POST /webhook_endpoints` */
export async function answerCreateEndpoint({ app, perform, body, userAgent }: Call): Promise<HttpResponse> {
  const input = toInput(await body(), { fields: newEndpointFields, userAgent });
  const { endpoint } = await perform((keeping, actor) => createWebhookEndpoint(keeping, actor, input));
  return json(201, presentEndpoint(app, endpoint, true));
}

/** `PATCH /webhook_endpoints/{id}` */
export async function answerUpdateEndpoint(call: Call): Promise<HttpResponse> {
  const { app, perform, body, userAgent, key: id } = call;
  const input = toInput(await body(), { fields: endpointFields, userAgent, idInPath: id });
  const endpoint = await perform((keeping, actor) => updateWebhookEndpoint(keeping, actor, id, input));
  return json(200, presentEndpoint(app, endpoint, true));
}

/** `DELETE /webhook_endpoints/{id}` */
export async function answerDeleteEndpoint({ perform, key: id }: Call): Promise<HttpResponse> {
  await perform((app, actor) => deleteWebhookEndpoint(app, actor, id));
  return emptyResponse(204);
}
