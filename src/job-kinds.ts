import type { App } from './app.ts';
import { cleanUpCodes } from './codes/cleanup.ts';
import { removeFailedJobs } from './jobs/failed-jobs.ts';
import type { JobContext, JobKinds } from './jobs/types.ts';
import { mailJobKinds } from './mail/job-kinds.ts';
import type { SenderApp } from './mail/send.ts';
import {
  endSurplusSessions,
  removeDeadRefreshTokens,
  removeOldSessions,
  removeSurplusEndedSessions,
} from './sessions/cleanup.ts';
import { removeOutdatedSigningKeys } from './signing-keys/signing-key-rows.ts';
import { countUsersWithTooManyIdentities, maxIdentities } from './users/identities.ts';
import { sendRequestedCode, sendSignInCodeJob } from './users/requested-sign-in-code.ts';

const everySeconds = 24 * 3600;
/** What walks through whole tables in small blocks has the time that it takes. */
const timeoutMs = 6 * 3_600_000;
const daily = { everySeconds, timeoutMs };

/** Everything that is done beside the requests, by name. Rows in the database keep these names. */
export function jobKinds(given: Pick<App, 'config' | 'db' | 'log' | 'now'> & SenderApp, app: () => App): JobKinds {
  const { config, db, log, now } = given;
  const kinds: JobKinds = {
    ...mailJobKinds(given),
    'sessions.cleanup': { ...daily, handle: (_, { signal }) => cleanUpSessions(signal) },
    'codes.cleanup': { everySeconds: 600, timeoutMs, handle: (_, { signal }) => cleanUpExpiredCodes(signal) },
    'signing-keys.cleanup': { ...daily, handle: cleanUpSigningKeys },
    'identities.count': { ...daily, handle: (_, { signal }) => countIdentities(signal) },
    [sendSignInCodeJob]: { concurrency: 5, maxAttempts: 3, handle: (payload) => sendRequestedCode(app(), payload) },
    'jobs.cleanup': { ...daily, handle: cleanUpJobs },
  };
  return kinds;

  /** Brings the sessions that are stored under the bounds of today, and removes what nobody needs of them. */
  async function cleanUpSessions(signal: AbortSignal): Promise<void> {
    const given = { config, db, now };
    tell({
      endedSessions: await endSurplusSessions(given, signal),
      removedSessions: (await removeOldSessions(given, signal)) + (await removeSurplusEndedSessions(given, signal)),
      removedRefreshTokens: await removeDeadRefreshTokens(given, signal),
    });
  }

  async function cleanUpExpiredCodes(signal: AbortSignal): Promise<void> {
    tell({ removedCodes: await cleanUpCodes({ db, now }, signal) });
  }

  async function cleanUpSigningKeys(): Promise<void> {
    tell({ removedSigningKeys: await removeOutdatedSigningKeys(db, now()) });
  }

  async function countIdentities(signal: AbortSignal): Promise<void> {
    const users = await countUsersWithTooManyIdentities(db, signal);
    if (users > 0) log.warn({ users, maxIdentities }, 'users have more identities than can be linked today; they stay');
  }

  async function cleanUpJobs(_: unknown, { signal }: JobContext): Promise<void> {
    tell({ removedJobs: await removeFailedJobs(db, Object.keys(kinds), now(), signal) });
  }

  function tell(done: Record<string, number>): void {
    if (Object.values(done).some((count) => count > 0)) log.info(done, 'cleaned up');
  }
}
