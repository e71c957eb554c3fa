import { type Replay, replayWebhookEvents } from '../../webhooks/replay.ts';
import { retryWebhookDelivery } from '../../webhooks/retry.ts';
import { sendTestEvent } from '../../webhooks/test-event.ts';
import { perform } from '../context.ts';
import { builder } from './builder.ts';
import { EventType } from './event.ts';
import { type ShownDelivery, WebhookDelivery, withEvents } from './webhook-delivery.ts';
import { WebhookEndpoint } from './webhook-endpoint.ts';

const WebhookReplay = builder.objectRef<Replay>('WebhookReplay').implement({
  description: 'What is sent again.',
  fields: (t) => ({
    endpoint: t.field({ type: WebhookEndpoint, description: 'Where it is sent.', resolve: ({ endpoint }) => endpoint }),
    deliveries: t.exposeInt('deliveries', {
      description: 'How many deliveries are due by it so far; without those that were due already.',
    }),
    isComplete: t.exposeBoolean('isComplete', {
      description: 'Whether those are all. Else there is more than one block of events, and Roster goes on by itself.',
    }),
  }),
});

const endpointId = { required: true, description: 'The id of the endpoint.' } as const;

builder.mutationFields((t) => ({
  retryWebhookDelivery: t.field({
    type: WebhookDelivery,
    description:
      'Sends one delivery again, as soon as possible, whatever became of it: the same event with the same `Webhook-Id`, and a new timestamp. Refused with `WEBHOOK_ENDPOINT_DISABLED`, and with `EVENT_EXPIRED` where the event is no longer kept.',
    args: { id: t.arg.id({ required: true, description: 'The id of the delivery.' }) },
    resolve: async (_root, { id }, context) =>
      shown(context.app, await perform(context, (app, principal) => retryWebhookDelivery(app, principal, id))),
  }),
  replayWebhookEvents: t.field({
    type: WebhookReplay,
    description:
      'Sends an endpoint again what happened after an event and until now, delivered or not. A delivery that waits already is not made twice; it is due now. Refused with `UNKNOWN_CURSOR` and `CURSOR_EXPIRED` as a list of events, and with `WEBHOOK_ENDPOINT_DISABLED`.',
    args: {
      endpointId: t.arg.id(endpointId),
      after: t.arg.id({ required: true, description: 'The id of the last event that is not sent again.' }),
      types: t.arg({
        type: [EventType],
        description:
          'Only events of these types, also those that it is not sent otherwise. Omitted: all that it is sent.',
      }),
    },
    resolve: (_root, { endpointId, after, types }, context) =>
      perform(context, (app, principal) => replayWebhookEvents(app, principal, endpointId, after, types)),
  }),
  sendTestEvent: t.field({
    type: WebhookDelivery,
    description:
      'Sends an endpoint an event of this type with made-up data, signed like any other, with the header `Roster-Test`. It is sent once, does not count for the health of the endpoint, and is not among `events`. Read `webhookDelivery` to see what becomes of it.',
    args: {
      endpointId: t.arg.id(endpointId),
      type: t.arg({ type: EventType, required: true, description: 'What is to have happened.' }),
    },
    resolve: async (_root, { endpointId, type }, context) =>
      shown(context.app, await perform(context, (app, principal) => sendTestEvent(app, principal, endpointId, type))),
  }),
}));

function shown({ db }: Parameters<typeof sendTestEvent>[0], delivery: Awaited<ReturnType<typeof sendTestEvent>>) {
  return withEvents(db, [delivery])[0] as ShownDelivery;
}
