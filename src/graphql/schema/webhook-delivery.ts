import type { Database, WebhookDelivery as Delivery, Event as EventRow } from '../../db/database.ts';
import type { EventType as EventTypeName } from '../../events/event-types.ts';
import { parseFilter } from '../../input/filter.ts';
import { type DeliveryState, findDelivery, listDeliveries } from '../../webhooks/delivery-list.ts';
import { isTest } from '../../webhooks/outcome.ts';
import { builder } from './builder.ts';
import { Event, EventType } from './event.ts';
import { type Connection, PageInfo, pageArgs, parsePage, toConnection } from './paging.ts';
import { WebhookEndpoint } from './webhook-endpoint.ts';

const WebhookDeliveryState = builder.enumType('WebhookDeliveryState', {
  description: 'What became of a delivery.',
  values: {
    PENDING: { value: 'pending', description: 'It is sent, for the first time or again, once its `dueAt` has come.' },
    DELIVERED: { value: 'delivered', description: 'The endpoint answered with a status of 2xx: it has the event.' },
    FAILED: {
      value: 'failed',
      description:
        'The last attempt failed, or the endpoint answered with 410. It is not sent again, unless by `retryWebhookDelivery`.',
    },
    CANCELLED: { value: 'cancelled', description: 'Its event was no longer kept when it was to be sent.' },
  } as const,
});

/** A delivery, and the events of its whole page, which are read once, when one is asked for. */
export interface ShownDelivery extends Delivery {
  readonly events: () => Promise<ReadonlyMap<string, EventRow>>;
}

export function withEvents({ reader }: Pick<Database, 'reader'>, deliveries: readonly Delivery[]): ShownDelivery[] {
  let found: Promise<ReadonlyMap<string, EventRow>> | undefined;
  const read = async () => {
    const id = { in: deliveries.map(({ eventId }) => eventId) };
    return new Map((await reader.event.findMany({ where: { id } })).map((event) => [event.id, event]));
  };
  const events = () => {
    found ??= read();
    return found;
  };
  return deliveries.map((delivery) => ({ ...delivery, events }));
}

export const WebhookDelivery = builder.objectRef<ShownDelivery>('WebhookDelivery').implement({
  description: 'An event that is sent, or was, to one endpoint; or a test.',
  fields: (t) => ({
    id: t.exposeID('id', { description: '`whd_` and a ULID. Its cursor.' }),
    endpointId: t.exposeID('endpointId', { description: 'The endpoint that it goes to.' }),
    eventId: t.exposeID('eventId', {
      description: 'The id of the event, which `Webhook-Id` says. The same, however often it is sent.',
    }),
    type: t.field({
      type: EventType,
      nullable: true,
      description: 'What happened. Null where the event is no longer kept.',
      resolve: async (delivery) => {
        const type = isTest(delivery)
          ? JSON.parse(delivery.body ?? '{}').event
          : (await delivery.events()).get(delivery.eventId)?.type;
        return (type as EventTypeName | undefined) ?? null;
      },
    }),
    event: t.field({
      type: Event,
      nullable: true,
      description:
        'The event. Null where it is no longer kept, and of a test, which is none. The API key needs the scope `events:read`, too.',
      resolve: async ({ eventId, events }) => {
        const event = (await events()).get(eventId);
        return event ? { ...event, position: Number(event.position) } : null;
      },
    }),
    isTest: t.boolean({ description: 'Whether it is from `sendTestEvent`.', resolve: isTest }),
    state: t.field({
      type: WebhookDeliveryState,
      description: 'What became of it.',
      resolve: ({ state }) => state as DeliveryState,
    }),
    attempt: t.exposeInt('attempt', {
      description: 'How often it was sent, since it was first asked for, or last by `retryWebhookDelivery`.',
    }),
    dueAt: t.expose('dueAt', {
      type: 'DateTime',
      nullable: true,
      description: 'From when on it is sent. Null where it is not any more.',
    }),
    lastStatus: t.exposeInt('lastStatus', {
      nullable: true,
      description: 'The HTTP status of the latest answer. Null where there was none.',
    }),
    lastError: t.exposeString('lastError', {
      nullable: true,
      description: 'Why the latest attempt had no answer, in a sentence.',
    }),
    answer: t.exposeString('answer', {
      nullable: true,
      description: 'How the body of the latest answer begins, 1 KB at most.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was to be sent first.' }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was delivered or given up.',
    }),
  }),
});

const WebhookDeliveryEdge = builder.objectRef<ShownDelivery>('WebhookDeliveryEdge').implement({
  description: 'A delivery and its place in the list.',
  fields: (t) => ({
    cursor: t.exposeString('id', { description: 'The place in the list, for `after`.' }),
    node: t.field({ type: WebhookDelivery, description: 'The delivery.', resolve: (delivery) => delivery }),
  }),
});

const WebhookDeliveryConnection = builder.objectRef<Connection<ShownDelivery>>('WebhookDeliveryConnection').implement({
  description: 'A page of deliveries.',
  fields: (t) => ({
    edges: t.field({
      type: [WebhookDeliveryEdge],
      description: 'The deliveries of this page.',
      resolve: ({ rows }) => [...rows],
    }),
    pageInfo: t.field({ type: PageInfo, description: 'Where this page stands.', resolve: (page) => page }),
  }),
});

const { first, after } = pageArgs('deliveries');

builder.objectField(WebhookEndpoint, 'deliveries', (t) =>
  t.field({
    type: WebhookDeliveryConnection,
    description:
      'What was sent to it, and what is to be, newest first; kept for 30 days, or as long as events, where that is shorter. The API key needs the scope `webhooks:read`.',
    args: {
      state: t.arg({
        type: WebhookDeliveryState,
        description: 'Only deliveries in this state. Omitted: in any; `null` is refused.',
      }),
      first: t.arg.int(first),
      after: t.arg.string(after),
    },
    resolve: async ({ id }, { state: asked, ...given }, { app }) => {
      const { state = null } = parseFilter({ state: asked });
      const page = parsePage(given, { prefix: 'whd', what: 'deliveries', order: 'desc' });
      const { deliveries, hasMore } = await listDeliveries(app.db, id, state, page);
      return toConnection(page, withEvents(app.db, deliveries), hasMore);
    },
  }),
);

builder.queryField('webhookDelivery', (t) =>
  t.field({
    type: WebhookDelivery,
    nullable: true,
    description: 'The delivery with this id, or null: to watch what becomes of it.',
    args: { id: t.arg.id({ required: true, description: 'The id of the delivery.' }) },
    resolve: async (_root, { id }, { app }) => {
      const delivery = await findDelivery(app.db, id);
      return delivery && (withEvents(app.db, [delivery])[0] ?? null);
    },
  }),
);
