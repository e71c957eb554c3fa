import type { Transaction, WebhookEndpoint } from '../db/database.ts';
import { violatedConstraint } from '../db/errors.ts';
import { DomainError, entityNotFound } from '../errors.ts';
import { lookupKey, newId } from '../input/ids.ts';
import { cutPage, type KeysetPage, keysetOf } from '../input/keyset.ts';
import { assertScopes } from '../principal/authorization.ts';
import type { Actor } from '../principal/principal.ts';
import { type EndpointFields, parseEndpointChange, parseNewEndpoint } from './endpoint-fields.ts';
import { lockEndpoint } from './locked-endpoint.ts';
import { removalJob } from './removal.ts';
import { newWebhookSecret, sealWebhookSecret } from './secrets.ts';
import { tellWrite } from './tell-write.ts';
import type { WebhooksApp } from './webhooks-app.ts';

/** Each event is one delivery for each endpoint that asks for it. */
const maxEndpoints = 100;

/** The form in which events are sent to an endpoint that is made now. Only what breaks receivers changes it. */
const payloadVersion = '2026-11-26';

const hourMs = 3_600_000;
const maxOverlapHours = 7 * 24;

/** An endpoint, and its secret, which is shown now and not again. */
export interface WithSecret {
  readonly endpoint: WebhookEndpoint;
  readonly secret: string;
}

/** Throws `invalid_url`, `duplicate_endpoint`, `webhook_endpoint_limit_exceeded`. */
export async function createWebhookEndpoint(app: WebhooksApp, actor: Actor, input: unknown): Promise<WithSecret> {
  assertScopes(actor, ['webhooks:write']);
  const { url, eventTypes } = parseNewEndpoint(app.config, input);
  const secret = newWebhookSecret();
  const { id, createdAt } = newId('we', app.now());
  const data = {
    id,
    url,
    sealedSecret: sealWebhookSecret(app.secrets, id, secret),
    eventTypes: eventTypes.join(' '),
    payloadVersion,
    createdAt,
    updatedAt: createdAt,
  };
  return write(app, async (tx) => {
    if ((await tx.prisma.webhookEndpoint.count()) >= maxEndpoints) throw limitExceeded();
    tellWrite(app, tx, actor, id, { message: 'a webhook endpoint was made' });
    return { endpoint: await tx.prisma.webhookEndpoint.create({ data }), secret };
  });
}

/** What is left out stays. Throws as `createWebhookEndpoint`, and `entity_not_found`. */
export async function updateWebhookEndpoint(
  app: WebhooksApp,
  actor: Actor,
  id: string,
  input: unknown,
): Promise<WebhookEndpoint> {
  assertScopes(actor, ['webhooks:write']);
  const fields = parseEndpointChange(app.config, input);
  return write(app, async (tx) => {
    const before = await lockEndpoint(tx, id);
    const now = app.now();
    const data = changesOf(before, fields, now);
    const changed = Object.keys(data);
    if (changed.length === 0) return before;
    tellWrite(app, tx, actor, before.id, { message: 'a webhook endpoint was changed', changed });
    return tx.prisma.webhookEndpoint.update({ where: { id: before.id }, data: { ...data, updatedAt: now } });
  });
}

/** Only what is another value. An endpoint that is enabled again, or is elsewhere, has not failed yet. */
function changesOf(
  before: WebhookEndpoint,
  { url, eventTypes, status }: EndpointFields,
  now: Date,
): Partial<WebhookEndpoint> {
  const types = eventTypes?.join(' ');
  const [isMoved, isSwitched] = [url !== undefined && url !== before.url, status && status !== before.status];
  return {
    ...(types !== undefined && types !== before.eventTypes && { eventTypes: types }),
    ...(isMoved && { url }),
    ...(isSwitched && { status, disabledReason: null, disabledAt: status === 'disabled' ? now : null }),
    ...((isMoved || isSwitched) && { failingSince: null, failures: 0 }),
  };
}

/** What was to be sent to it is not sent any more, and a job removes it with all that was. Answers it as it last was. Throws `entity_not_found`. */
export async function deleteWebhookEndpoint(app: WebhooksApp, actor: Actor, id: string): Promise<WebhookEndpoint> {
  assertScopes(actor, ['webhooks:write']);
  return app.db.transaction(async (tx) => {
    const { id: found } = await lockEndpoint(tx, id);
    await app.jobs.enqueue(tx, { kind: removalJob, payload: { endpointId: found } });
    tellWrite(app, tx, actor, found, { message: 'a webhook endpoint was deleted' });
    return tx.prisma.webhookEndpoint.delete({ where: { id: found } });
  });
}

/**
 * Gives an endpoint a new secret. For so many hours its receiver may have either; 0 ends the one so far at once, for one that
 * leaked, and so may also be asked for while two are exchanged. Else that is refused, with `webhook_secret_rotation_in_progress`:
 * of three secrets a receiver would not know one.
 */
export async function rotateWebhookSecret(
  app: WebhooksApp,
  actor: Actor,
  id: string,
  overlapHours: number,
): Promise<WithSecret> {
  assertScopes(actor, ['webhooks:write']);
  if (!Number.isInteger(overlapHours) || overlapHours < 0 || overlapHours > maxOverlapHours) {
    const message = `Expected a whole number from 0 to ${maxOverlapHours}.`;
    throw new DomainError('invalid_request_parameters', message, { field: 'overlapHours' });
  }
  const secret = newWebhookSecret();
  return app.db.transaction(async (tx) => {
    const before = await lockEndpoint(tx, id);
    const now = app.now();
    const until = before.previousSecretUntil;
    if (overlapHours > 0 && until && until > now) throw rotationInProgress(until);
    const isExchanged = overlapHours > 0;
    tellWrite(app, tx, actor, before.id, { message: 'the secret of a webhook endpoint was rotated', overlapHours });
    const endpoint = await tx.prisma.webhookEndpoint.update({
      where: { id: before.id },
      data: {
        sealedSecret: sealWebhookSecret(app.secrets, before.id, secret),
        sealedPreviousSecret: isExchanged ? before.sealedSecret : null,
        previousSecretUntil: isExchanged ? new Date(now.getTime() + overlapHours * hourMs) : null,
        updatedAt: now,
      },
    });
    return { endpoint, secret };
  });
}

/** One page in the order of creation, and whether the range goes on beyond it. */
export async function listWebhookEndpoints(
  { db }: Pick<WebhooksApp, 'db'>,
  page: KeysetPage,
): Promise<{ endpoints: WebhookEndpoint[]; hasMore: boolean }> {
  const { where, ...keyset } = keysetOf(page);
  const { rows, hasMore } = cutPage(
    await db.reader.webhookEndpoint.findMany({ where: { AND: [...where] }, ...keyset }),
    page,
  );
  return { endpoints: rows, hasMore };
}

export function findWebhookEndpoint({ db }: Pick<WebhooksApp, 'db'>, id: string): Promise<WebhookEndpoint | null> {
  return db.reader.webhookEndpoint.findUnique({ where: { id: lookupKey(id) } });
}

/** Throws `entity_not_found`. */
export async function getWebhookEndpoint(app: Pick<WebhooksApp, 'db'>, id: string): Promise<WebhookEndpoint> {
  const endpoint = await findWebhookEndpoint(app, id);
  if (!endpoint) throw entityNotFound('Webhook endpoint', id);
  return endpoint;
}

async function write<Result>({ db }: WebhooksApp, work: (tx: Transaction) => Promise<Result>): Promise<Result> {
  try {
    return await db.transaction(work);
  } catch (error) {
    if (violatedConstraint(error) !== 'webhook_endpoints_url_key') throw error;
    throw new DomainError('duplicate_endpoint', 'There is an endpoint with this URL already.', { field: 'url' });
  }
}

function limitExceeded(): DomainError {
  const message = `There are ${maxEndpoints} webhook endpoints, as many as there can be. Delete one first.`;
  return new DomainError('webhook_endpoint_limit_exceeded', message);
}

function rotationInProgress(until: Date): DomainError {
  const message = `The secret was rotated before, and its receiver may have the one before that until ${until.toISOString()}. With 0 hours, both end at once.`;
  return new DomainError('webhook_secret_rotation_in_progress', message, { field: 'overlapHours' });
}
