import type { Session } from '../db/database.ts';
import type { Whose } from '../events/event-data.ts';
import type { NewEvent } from '../events/event-types.ts';

/** What is told of sessions that have ended. */
export function endsOf(user: Whose, sessions: readonly Session[]): NewEvent[] {
  return sessions.map((session) => ({ type: 'session.revoked', user, session }));
}
