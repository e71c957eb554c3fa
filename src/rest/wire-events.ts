import type { User } from '../db/database.ts';
import type { Presenters } from '../events/event-data.ts';
import { presentSession, presentUser, presentValue, shownOfUser } from './wire.ts';

/** How events show what they tell of. */
export const present: Presenters = { user: presentUser, previous: presentPrevious, session: presentSession };

/** When a user was changed is in every event, and is no attribute that anybody changes. */
const attributes = shownOfUser.filter(([key]) => key !== 'updated_at');

function presentPrevious(before: User, after: User): Record<string, unknown> {
  const previous: Record<string, unknown> = {};
  for (const [key, { name }] of attributes) {
    if (before[name] === after[name]) continue;
    const [was, is] = [presentValue(before[name] ?? null), presentValue(after[name] ?? null)];
    if (!isSame(was, is)) previous[key] = was;
  }
  return previous;
}

/** Most attributes are texts; metadata, an object, is compared as it is written. */
function isSame(was: unknown, is: unknown): boolean {
  return was === is || (typeof was === 'object' && JSON.stringify(was) === JSON.stringify(is));
}
