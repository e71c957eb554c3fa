import { type Counter, createNoopMeter, type Meter } from '@opentelemetry/api';
import type { Config } from '../config/settings.ts';
import type { Database } from '../db/database.ts';
import { observeMail } from './mail-metrics.ts';
import { observeWebhooks } from './webhook-metrics.ts';

export type MetricsConfig = Pick<Config, 'HOST' | 'METRICS_PORT'>;

/** What is counted. Attributes are words of Roster, and ids of endpoints, of which there are few: no address, URL or text of anybody. */
export interface Metrics {
  /** Mails that were sent or given up, by `template` and `outcome`: `sent`, `failed`, `expired`, `cancelled`. */
  readonly mails: Counter;
  /** Attempts to deliver a webhook, by `outcome`: `delivered`, `delayed` where it is made again, `failed`, `cancelled`. */
  readonly webhooks: Counter;
  /** Requests with an `Idempotency-Key`, by `outcome`: `fresh`, `replayed`, `mismatch`, `in_flight`. */
  readonly idempotency: Counter;
  /** Refused sign-ins that are in no event, since enough were recorded, by the `type` that the event would have. */
  readonly unrecordedRefusals: Counter;
  /** Lets them be read at `http://HOST:METRICS_PORT/metrics`; without `METRICS_PORT` nothing is counted or served. */
  listen(): Promise<void>;
  close(): Promise<void>;
}

export async function createMetrics(config: MetricsConfig, db: Database, now: () => Date): Promise<Metrics> {
  if (config.METRICS_PORT === undefined)
    return { ...instruments(createNoopMeter()), async listen() {}, async close() {} };
  const { openExporter } = await import('./exporter.ts'); // who does not ask for it does not load it
  const { meter, listen, close } = openExporter(config.HOST, config.METRICS_PORT);
  observeMail(meter, db, now);
  observeWebhooks(meter, db, now);
  return { ...instruments(meter), listen, close };
}

function instruments(meter: Meter) {
  return {
    mails: meter.createCounter('roster.mail.messages', { description: 'Mails that were sent or given up.' }),
    webhooks: meter.createCounter('roster.webhooks.deliveries', { description: 'Attempts to deliver a webhook.' }),
    unrecordedRefusals: meter.createCounter('roster.refusals.unrecorded', {
      description: 'Refused sign-ins that are in no event, since enough were recorded.',
    }),
    idempotency: meter.createCounter('roster.idempotency', { description: 'Requests with an `Idempotency-Key`.' }),
  };
}
