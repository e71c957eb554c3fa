import type { App } from './app.ts';
import { cleanUpCodes } from './codes/cleanup.ts';
import { erasureJob, parseErasure } from './events/erase.ts';
import { removeOldEvents } from './events/retention.ts';
import { eraseAnswersOf, removeExpiredAnswers } from './idempotency/removal.ts';
import { removeFailedJobs } from './jobs/failed-jobs.ts';
import type { JobKind, JobKinds } from './jobs/types.ts';
import { removeOldMails } from './mail/cleanup.ts';
import { cleanUpSessions } from './sessions/cleanup.ts';
import { removeOutdatedSigningKeys } from './signing-keys/signing-key-rows.ts';
import { countUsersWithTooManyIdentities, maxIdentities } from './users/identities.ts';
import { sendPasswordResetJob, sendRequestedReset } from './users/password-reset.ts';
import { sendRequestedCode, sendSignInCodeJob } from './users/requested-sign-in-code.ts';
import { eraseWhenDelivered } from './webhooks/erase.ts';
import { removalJob, removeDeliveriesOf } from './webhooks/removal.ts';
import { continueReplay, replayJob } from './webhooks/replay.ts';
import { removeOldDeliveries } from './webhooks/retention.ts';

const everySeconds = 24 * 3600;
/** What walks through whole tables in small blocks has the time that it takes. */
const timeoutMs = 6 * 3_600_000;
/** What somebody waits for. */
const requested = { concurrency: 5, maxAttempts: 3 };
const daily = { everySeconds, timeoutMs };

/** Everything that is done beside the requests, by name. Rows in the database keep these names. */
export function jobKinds(
  given: Pick<App, 'config' | 'db' | 'events' | 'log' | 'now' | 'secrets'>,
  app: () => App,
): JobKinds {
  const { config, db, log, now } = given;

  /** What removes rows, and tells how many. */
  const cleanup = (run: (signal: AbortSignal) => Promise<Record<string, number>>): JobKind => ({
    ...daily,
    async handle(_, { signal }) {
      const done = await run(signal);
      if (Object.values(done).some((count) => count > 0)) log.info(done, 'cleaned up');
    },
  });

  const kinds: JobKinds = {
    'mail.cleanup': cleanup(async (signal) => ({ removedMails: await removeOldMails(db, now(), signal) })),
    'sessions.cleanup': cleanup((signal) => cleanUpSessions(given, signal)),
    'codes.cleanup': {
      ...cleanup(async (signal) => ({ removedCodes: await cleanUpCodes(given, signal) })),
      everySeconds: 600,
    },
    'idempotency.cleanup': {
      ...cleanup(async (signal) => ({ removedAnswers: await removeExpiredAnswers(db, now(), signal) })),
      everySeconds: 600,
    },
    'signing-keys.cleanup': cleanup(async () => ({ removedSigningKeys: await removeOutdatedSigningKeys(db, now()) })),
    'events.cleanup': cleanup(async (signal) => ({
      removedEvents: await removeOldEvents(db, { days: config.EVENTS_RETENTION_DAYS, now: now() }, signal),
    })),
    'webhooks.cleanup': cleanup(async (signal) => ({
      removedDeliveries: await removeOldDeliveries(db, { eventDays: config.EVENTS_RETENTION_DAYS, now: now() }, signal),
    })),
    [replayJob]: { timeoutMs, handle: (payload, context) => continueReplay(app(), payload, context) },
    [removalJob]: { timeoutMs, handle: (payload, { signal }) => removeDeliveriesOf(db, payload, signal) },
    [erasureJob]: {
      timeoutMs,
      async handle(payload, { signal }) {
        await eraseAnswersOf(given, parseErasure(payload), signal);
        await eraseWhenDelivered(app(), payload, signal);
      },
    },
    'identities.count': { ...daily, handle: (_, { signal }) => countIdentities(given, signal) },
    [sendSignInCodeJob]: { ...requested, handle: (payload) => sendRequestedCode(app(), payload) },
    [sendPasswordResetJob]: { ...requested, handle: (payload) => sendRequestedReset(app(), payload) },
    'jobs.cleanup': cleanup(async (signal) => ({
      removedJobs: await removeFailedJobs(db, Object.keys(kinds), now(), signal),
    })),
  };
  return kinds;
}

async function countIdentities({ db, log }: Pick<App, 'db' | 'log'>, signal: AbortSignal): Promise<void> {
  const users = await countUsersWithTooManyIdentities(db, signal);
  if (users > 0) log.warn({ users, maxIdentities }, 'users have more identities than can be linked today; they stay');
}
