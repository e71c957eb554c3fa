import type { Meter } from '@opentelemetry/api';
import type { Database } from '../db/database.ts';

/** Any moment. As a range: by `not: null` SQLite would read all mails that are kept, and not by the index those that wait. */
const anyMoment = { gte: new Date(0) };

/** How much mail waits, and since when, asked of the database when the metrics are read: the same from every process. */
export function observeMail(meter: Meter, { reader }: Database, now: () => Date): void {
  const waiting = meter.createObservableGauge('roster.mail.waiting', {
    description: 'Mails that are neither sent nor given up.',
  });
  const lag = meter.createObservableGauge('roster.mail.lag.seconds', {
    description: 'How long the oldest of them has waited.',
  });
  meter.addBatchObservableCallback(
    async (result) => {
      const where = { dueAt: anyMoment };
      const { _count, _min } = await reader.mailMessage.aggregate({ where, _count: true, _min: { createdAt: true } });
      result.observe(waiting, _count);
      const { createdAt } = _min;
      result.observe(lag, createdAt ? Math.max(0, (now().getTime() - createdAt.getTime()) / 1000) : 0);
    },
    [waiting, lag],
  );
}
