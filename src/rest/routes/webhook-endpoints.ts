import type { ErrorCode } from '../../errors.ts';
import type { Operations } from '../call.ts';
import {
  answerCreateEndpoint,
  answerDeleteEndpoint,
  answerEndpoint,
  answerEndpoints,
  answerUpdateEndpoint,
} from '../webhook-endpoints.ts';

const refused: ErrorCode[] = ['invalid_url', 'duplicate_endpoint'];

/** Where events are sent to. */
export const webhookEndpointRoutes: Operations = {
  '/webhook_endpoints': {
    GET: {
      id: 'listWebhookEndpoints',
      scopes: ['webhooks:read'],
      summary: 'A page of webhook endpoints, newest first.',
      query: ['limit', 'order', 'before', 'after'],
      status: 200,
      gives: 'WebhookEndpointList',
      errors: [],
      answer: answerEndpoints,
    },
    POST: {
      id: 'createWebhookEndpoint',
      scopes: ['webhooks:write'],
      summary: 'Makes a webhook endpoint, and its secret.',
      takes: 'CreateWebhookEndpointDto',
      status: 201,
      gives: 'WebhookEndpointJson',
      errors: [...refused, 'webhook_endpoint_limit_exceeded'],
      answer: answerCreateEndpoint,
    },
  },
  '/webhook_endpoints/{id}': {
    GET: {
      id: 'getWebhookEndpoint',
      scopes: ['webhooks:read'],
      summary: "A webhook endpoint. WorkOS's own document has no such operation.",
      status: 200,
      gives: 'WebhookEndpointJson',
      errors: ['entity_not_found'],
      answer: answerEndpoint,
    },
    PATCH: {
      id: 'updateWebhookEndpoint',
      scopes: ['webhooks:write'],
      summary: 'Changes a webhook endpoint, disables it, or enables it again.',
      takes: 'UpdateWebhookEndpointDto',
      status: 200,
      gives: 'WebhookEndpointJson',
      errors: [...refused, 'entity_not_found'],
      answer: answerUpdateEndpoint,
    },
    DELETE: {
      id: 'deleteWebhookEndpoint',
      scopes: ['webhooks:write'],
      summary: 'Deletes a webhook endpoint. What was to be sent there is not sent any more.',
      status: 204,
      errors: ['entity_not_found'],
      answer: answerDeleteEndpoint,
    },
  },
};
