import type { WebhookEndpoint as Endpoint } from '../../db/database.ts';
import { isEventType } from '../../events/event-types.ts';
import type { EndpointStatus } from '../../webhooks/endpoint-fields.ts';
import { typesOf } from '../../webhooks/endpoint-types.ts';
import { findWebhookEndpoint, listWebhookEndpoints } from '../../webhooks/endpoints.ts';
import { builder } from './builder.ts';
import { EventType } from './event.ts';
import { type Connection, PageInfo, pageArgs, parsePage, toConnection } from './paging.ts';

export const WebhookEndpointStatus = builder.enumType('WebhookEndpointStatus', {
  description: 'Whether events are sent to an endpoint.',
  values: {
    ENABLED: { value: 'enabled', description: 'They are.' },
    DISABLED: {
      value: 'disabled',
      description: 'They are not. What happens meanwhile is not sent later by itself: see `replayWebhookEvents`.',
    },
  } as const,
});

/** Where events are sent to. Its secret is no field of it. */
export const WebhookEndpoint = builder.objectRef<Endpoint>('WebhookEndpoint').implement({
  description: 'Where events are sent to. Its secret is only shown when it is made, and when it is rotated.',
  fields: (t) => ({
    id: t.exposeID('id', { description: '`we_` and a ULID. Never changes.' }),
    url: t.exposeString('url', { description: 'Where its events are posted to.' }),
    eventTypes: t.field({
      type: [EventType],
      description: 'The types of events that it is sent.',
      resolve: (endpoint) => typesOf(endpoint).filter(isEventType),
    }),
    status: t.field({
      type: WebhookEndpointStatus,
      description: 'Whether events are sent to it.',
      resolve: ({ status }) => status as EndpointStatus,
    }),
    disabledReason: t.exposeString('disabledReason', {
      nullable: true,
      description: 'Why Roster disabled it: `gone`, it said so itself, or `failing`. Null where Roster did not.',
    }),
    disabledAt: t.expose('disabledAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was disabled, by Roster or by whoever changed it. Null while it is enabled.',
    }),
    failingSince: t.expose('failingSince', {
      type: 'DateTime',
      nullable: true,
      description: 'When deliveries to it began to fail; null where none has failed since the last success.',
    }),
    previousSecretUntil: t.expose('previousSecretUntil', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when deliveries are signed with the secret before, too, after it was rotated.',
    }),
    payloadVersion: t.exposeString('payloadVersion', {
      description: 'The date of the form of its events, which `Roster-Payload-Version` says.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
  }),
});

const WebhookEndpointEdge = builder.objectRef<Endpoint>('WebhookEndpointEdge').implement({
  description: 'An endpoint and its place in the list.',
  fields: (t) => ({
    cursor: t.exposeString('id', { description: 'The place in the list, for `after` and `before`.' }),
    node: t.field({ type: WebhookEndpoint, description: 'The endpoint.', resolve: (endpoint) => endpoint }),
  }),
});

const WebhookEndpointConnection = builder.objectRef<Connection<Endpoint>>('WebhookEndpointConnection').implement({
  description: 'A page of webhook endpoints.',
  fields: (t) => ({
    edges: t.field({
      type: [WebhookEndpointEdge],
      description: 'The endpoints of this page.',
      resolve: ({ rows }) => [...rows],
    }),
    pageInfo: t.field({ type: PageInfo, description: 'Where this page stands.', resolve: (page) => page }),
  }),
});

const args = pageArgs('endpoints');

builder.queryField('webhookEndpoint', (t) =>
  t.field({
    type: WebhookEndpoint,
    nullable: true,
    description: 'The webhook endpoint with this id, or null.',
    args: { id: t.arg.id({ required: true, description: 'The id of the endpoint.' }) },
    resolve: (_root, { id }, { app }) => findWebhookEndpoint(app, id),
  }),
);

builder.queryField('webhookEndpoints', (t) =>
  t.field({
    type: WebhookEndpointConnection,
    description: 'Where events are sent to, newest first.',
    args: {
      first: t.arg.int(args.first),
      after: t.arg.string(args.after),
      last: t.arg.int(args.last),
      before: t.arg.string(args.before),
    },
    resolve: async (_root, given, { app }) => {
      const page = parsePage(given, { prefix: 'we', what: 'endpoints', order: 'desc' });
      const { endpoints, hasMore } = await listWebhookEndpoints(app, page);
      return toConnection(page, endpoints, hasMore);
    },
  }),
);
