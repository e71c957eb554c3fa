import {
  createWebhookEndpoint,
  deleteWebhookEndpoint,
  rotateWebhookSecret,
  updateWebhookEndpoint,
  type WithSecret,
} from '../../webhooks/endpoints.ts';
import { perform } from '../context.ts';
import { builder } from './builder.ts';
import { EventType } from './event.ts';
import { WebhookEndpoint, WebhookEndpointStatus } from './webhook-endpoint.ts';

const WebhookEndpointSecret = builder.objectRef<WithSecret>('WebhookEndpointSecret').implement({
  description: 'An endpoint and its new secret.',
  fields: (t) => ({
    endpoint: t.field({ type: WebhookEndpoint, description: 'The endpoint.', resolve: ({ endpoint }) => endpoint }),
    secret: t.exposeString('secret', {
      description: '`whsec_` and 24 bytes in base64, for its receiver to check signatures with. Not shown again.',
    }),
  }),
});

const url = 'Where its events are posted to, by https; on port 443, or 1024 and above.';

const CreateWebhookEndpointInput = builder.inputType('CreateWebhookEndpointInput', {
  description: 'A new webhook endpoint.',
  fields: (t) => ({
    url: t.string({ required: true, description: url }),
    eventTypes: t.field({
      type: [EventType],
      required: true,
      description: 'The types of events that it is sent, one at least.',
    }),
  }),
});

const UpdateWebhookEndpointInput = builder.inputType('UpdateWebhookEndpointInput', {
  description: 'What changes of a webhook endpoint. A field that is left out stays as it is.',
  fields: (t) => ({
    url: t.string({ description: url }),
    eventTypes: t.field({ type: [EventType], description: 'All types of events that it is sent from now on.' }),
    status: t.field({
      type: WebhookEndpointStatus,
      description: '`DISABLED`: nothing is sent to it. `ENABLED`: again, and it counts as healthy.',
    }),
  }),
});

const id = { required: true, description: 'The id of the endpoint.' } as const;

builder.mutationFields((t) => ({
  createWebhookEndpoint: t.field({
    type: WebhookEndpointSecret,
    description:
      'Makes a webhook endpoint, at most 100. Its secret is shown now. A URL that another one has gets `DUPLICATE_ENDPOINT`, one that is none, or not by https, `INVALID_URL`.',
    args: { input: t.arg({ type: CreateWebhookEndpointInput, required: true, description: 'The endpoint.' }) },
    resolve: (_root, { input }, context) =>
      perform(context, (app, principal) => createWebhookEndpoint(app, principal, input)),
  }),
  updateWebhookEndpoint: t.field({
    type: WebhookEndpoint,
    description: 'Changes a webhook endpoint, disables it, or enables it again.',
    args: {
      id: t.arg.id(id),
      input: t.arg({ type: UpdateWebhookEndpointInput, required: true, description: 'What changes.' }),
    },
    resolve: (_root, { id, input }, context) =>
      perform(context, (app, principal) => updateWebhookEndpoint(app, principal, id, input)),
  }),
  deleteWebhookEndpoint: t.field({
    type: WebhookEndpoint,
    description:
      'Deletes a webhook endpoint, and answers it as it last was. What was to be sent there is not sent any more.',
    args: { id: t.arg.id(id) },
    resolve: (_root, { id }, context) =>
      perform(context, (app, principal) => deleteWebhookEndpoint(app, principal, id)),
  }),
  rotateWebhookSecret: t.field({
    type: WebhookEndpointSecret,
    description:
      'Gives a webhook endpoint a new secret, which is shown now. For a while, deliveries are signed with the one so far as well; until that is over, another rotation gets `WEBHOOK_SECRET_ROTATION_IN_PROGRESS`, unless it is one without overlap.',
    args: {
      id: t.arg.id(id),
      overlapHours: t.arg.int({
        required: true,
        defaultValue: 24,
        description: 'For how long, up to 168. 0, where the secret leaked: it is of no use from now on.',
      }),
    },
    resolve: (_root, { id, overlapHours }, context) =>
      perform(context, (app, principal) => rotateWebhookSecret(app, principal, id, overlapHours)),
  }),
}));
