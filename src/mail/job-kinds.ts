import type { JobKinds } from '../jobs/types.ts';
import { mailConnections } from './mailer.ts';
import { createPause, delayAfter } from './pause.ts';
import { createSender, type SenderApp } from './send.ts';

/** How long to wait after each failure; the last goes on until what the mail carries expires. */
export const retryScheduleMs = [5_000, 30_000, 120_000];

/** A mail's own expiry ends the tries: so many attempts are never made. */
const unlimited = 1_000_000;

/** What sends mails beside the requests. */
export function mailJobKinds(app: SenderApp, scheduleMs: readonly number[] = retryScheduleMs) {
  const pause = createPause(scheduleMs, app.now);
  const send = createSender(app, pause);
  return {
    'mail.send': {
      concurrency: mailConnections,
      maxAttempts: unlimited,
      backOffMs: (attempts) => delayAfter(scheduleMs, attempts),
      pausedUntil: pause.until,
      handle: (payload, context) => send(idOf(payload), context),
    },
  } satisfies JobKinds;
}

function idOf(payload: unknown): string {
  const { id } = payload as { id?: unknown };
  return typeof id === 'string' ? id : '';
}
