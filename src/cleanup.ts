import type { App } from './app.ts';
import { endSurplusSessions, removeDeadRefreshTokens, removeOldSessions } from './sessions/cleanup.ts';
import { countUsersWithTooManyIdentities, maxIdentities } from './users/identities.ts';

const firstAfterMs = 10_000;
const everyMs = 24 * 3_600_000;

/** Cleans up soon after the start, and once a day, in small blocks; answers what stops it. */
export function startCleanup(app: App): () => void {
  const stopping = new AbortController();
  const run = () =>
    cleanUp(app, stopping.signal).catch((error: unknown) => {
      if (!stopping.signal.aborted) app.log.warn({ err: error }, 'the cleanup stopped midway; it begins anew tomorrow');
    });
  const first = setTimeout(run, firstAfterMs).unref();
  const daily = setInterval(run, everyMs).unref();
  return () => {
    stopping.abort();
    clearTimeout(first);
    clearInterval(daily);
  };
}

/** Brings what is stored under the bounds of today, and removes what nobody needs. */
export async function cleanUp(app: App, signal: AbortSignal): Promise<void> {
  const done = {
    endedSessions: await endSurplusSessions(app, signal),
    removedSessions: await removeOldSessions(app, signal),
    removedRefreshTokens: await removeDeadRefreshTokens(app, signal),
  };
  if (Object.values(done).some((count) => count > 0)) app.log.info(done, 'cleaned up');
  const users = await countUsersWithTooManyIdentities(app, signal);
  if (users > 0)
    app.log.warn({ users, maxIdentities }, 'users have more identities than can be linked today; they stay');
}
