import type { App } from '../../src/app.ts';
import type { WebhookDelivery, WebhookEndpoint } from '../../src/db/database.ts';
import { newId } from '../../src/input/ids.ts';
import { newWebhookSecret, sealWebhookSecret } from '../../src/webhooks/secrets.ts';
import { waitFor } from './wait.ts';

export interface TestEndpoint extends WebhookEndpoint {
  readonly secret: string;
}

/** An endpoint that is sent these types, straight into the database. */
export async function makeEndpoint(
  { db, secrets, now }: App,
  url: string,
  eventTypes = 'user.created user.updated',
  fields: Partial<WebhookEndpoint> = {},
): Promise<TestEndpoint> {
  const { id, createdAt } = newId('we', now());
  const secret = newWebhookSecret();
  const endpoint = await db.transaction(({ prisma }) =>
    prisma.webhookEndpoint.create({
      data: {
        id,
        url,
        sealedSecret: sealWebhookSecret(secrets, id, secret),
        eventTypes,
        payloadVersion: '2026-11-26',
        createdAt,
        updatedAt: createdAt,
        ...fields,
      },
    }),
  );
  return { ...endpoint, secret };
}

/** The deliveries to an endpoint in the order of their events. */
export function deliveriesTo({ db }: Pick<App, 'db'>, endpointId: string): Promise<WebhookDelivery[]> {
  return db.reader.webhookDelivery.findMany({ where: { endpointId }, orderBy: { position: 'asc' } });
}

/** Waits until so many deliveries to an endpoint are in this state; answers them. */
export function untilDeliveries(app: Pick<App, 'db'>, endpointId: string, state: string, count = 1) {
  return waitFor(`${count} ${state} deliveries`, async () => {
    const found = (await deliveriesTo(app, endpointId)).filter((delivery) => delivery.state === state);
    return found.length >= count && found;
  });
}
