import type { StoredUser, UserChanges } from '../db/database.ts';
import { endsOf } from '../sessions/end-sessions.ts';
import { decideUpdate, type Update } from './changes.ts';
import type { UsersApp } from './users-app.ts';

/** What an update does, and what has the rows that follow from it looked at after the commit. */
export interface DecidedRows extends UserChanges {
  wake(): void;
}

/** What an update does, with the rows of all that follows from it: mails, and what is recorded. */
export function decideWithRows(
  { events, outbox }: Pick<UsersApp, 'events' | 'outbox'>,
  stored: StoredUser,
  update: Update,
): DecidedRows | null {
  const decided = decideUpdate(stored, update);
  if (!decided) return null;
  const mailMessage = outbox.rowsOf(decided.mails, update.now);
  return {
    insert: (ended) => ({
      mailMessage,
      event: events.rowsOf(update.actor, [...decided.events, ...endsOf(decided.user, ended)]),
    }),
    wake() {
      events.wake();
      if (mailMessage.length > 0) outbox.wake();
    },
    ...decided,
  };
}
