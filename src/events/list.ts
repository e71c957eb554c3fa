import { decodeTime } from 'ulid';
import type { EventReads, StoredEvent } from '../db/database.ts';
import { DomainError } from '../errors.ts';
import { isId, lookupKey } from '../input/ids.ts';
import { boundsOf, cutPage, type KeysetPage } from '../input/keyset.ts';
import type { EventType } from './event-types.ts';

/** Which events; all conditions must hold. */
export interface EventFilter {
  /** None: no event. */
  readonly types?: readonly EventType[] | undefined;
  readonly userId?: string | undefined;
  /** Happened at this moment or later. */
  readonly createdFrom?: Date | undefined;
  /** Happened before this moment. */
  readonly createdBefore?: Date | undefined;
}

export interface EventPage extends KeysetPage {
  readonly filter: EventFilter;
}

/**
 * One page in the order of positions, and whether the range goes on beyond it. The cursors are ids. Throws `unknown_cursor`, and
 * `cursor_expired` for one that is no longer kept.
 */
export async function listEvents(
  reads: EventReads,
  page: EventPage,
): Promise<{ events: StoredEvent[]; hasMore: boolean }> {
  const { types, userId, createdFrom, createdBefore } = page.filter;
  if (types?.length === 0) return { events: [], hasMore: false };
  const { after, before, order } = boundsOf(page);
  const [greater, less, first, end] = await Promise.all([
    after === undefined ? null : positionOf(reads, after),
    before === undefined ? null : positionOf(reads, before),
    createdFrom ? reads.positionAt(createdFrom) : null,
    createdBefore ? reads.positionAt(createdBefore) : null,
  ]);
  const found = await reads.list({
    types,
    userId: userId === undefined ? undefined : lookupKey(userId),
    from: greatest(greater === null ? null : greater + 1, first),
    to: least(less === null ? null : less - 1, end === null ? null : end - 1),
    order,
    limit: page.limit + 1,
  });
  const { rows, hasMore } = cutPage(found, page);
  return { events: rows, hasMore };
}

/** Where the event with this id stands; throws as `listEvents` does. */
export async function positionOf(reads: EventReads, id: string): Promise<number> {
  const found = await reads.find(id);
  if (found) return found.position;
  const [oldest] = await reads.list({ order: 'asc', limit: 1 });
  // The time in an id is that of its event, or a little earlier: see `created_at` in db.
  if (isId('event', id) && (!oldest || decodeTime(id.slice('event_'.length)) <= oldest.createdAt.getTime())) {
    const oldestEventId = oldest?.id ?? null;
    const rest = oldestEventId ? `The oldest that is kept is '${oldestEventId}'.` : 'None is kept.';
    throw new DomainError('cursor_expired', `This event is no longer kept. ${rest}`, { oldestEventId });
  }
  throw new DomainError('unknown_cursor', 'There is no event with this id.');
}

function greatest(...numbers: (number | null)[]): number | undefined {
  const given = numbers.filter((number) => number !== null);
  return given.length > 0 ? Math.max(...given) : undefined;
}

function least(...numbers: (number | null)[]): number | undefined {
  const given = numbers.filter((number) => number !== null);
  return given.length > 0 ? Math.min(...given) : undefined;
}
