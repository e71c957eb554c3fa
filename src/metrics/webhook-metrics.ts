import type { Meter } from '@opentelemetry/api';
import { decodeTime } from 'ulid';
import type { Database } from '../db/database.ts';

/**
 * How much is still to be sent to each enabled endpoint, and since when, and how many endpoints are disabled: asked of the database
 * when the metrics are read, and the same from every process. The id of a delivery tells its time, and an index has the first.
 */
export function observeWebhooks(meter: Meter, { reader }: Database, now: () => Date): void {
  const waiting = meter.createObservableGauge('roster.webhooks.waiting', {
    description: 'Deliveries to an endpoint that are neither made nor given up.',
  });
  const lag = meter.createObservableGauge('roster.webhooks.lag.seconds', {
    description: 'How long the oldest of them has waited.',
  });
  const disabled = meter.createObservableGauge('roster.webhooks.endpoints_disabled', {
    description: 'Endpoints that nothing is sent to.',
  });
  meter.addBatchObservableCallback(
    async (result) => {
      const endpoints = await reader.webhookEndpoint.findMany({ select: { id: true, status: true } });
      result.observe(disabled, endpoints.filter(({ status }) => status === 'disabled').length);
      for (const { id: endpoint } of endpoints.filter(({ status }) => status === 'enabled')) {
        const where = { endpointId: endpoint, state: 'pending' };
        const { _count, _min } = await reader.webhookDelivery.aggregate({ where, _count: true, _min: { id: true } });
        result.observe(waiting, _count, { endpoint });
        const waitedMs = _min.id ? now().getTime() - decodeTime(_min.id.slice('whd_'.length)) : 0;
        result.observe(lag, Math.max(0, waitedMs / 1000), { endpoint });
      }
    },
    [waiting, lag, disabled],
  );
}
