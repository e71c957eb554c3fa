import type { EventRange, StoredEvent, User } from '../db/database.ts';
import { DomainError } from '../errors.ts';
import { positionOf } from '../events/list.ts';
import { isId } from '../input/ids.ts';
import { boundsOf, cutPage, type KeysetPage } from '../input/keyset.ts';
import { notACursor, type UserList } from './user-cursors.ts';
import type { UserFilter } from './user-filter.ts';
import type { UsersApp } from './users-app.ts';

const dayMs = 24 * 3_600_000;

/** The events of one new version of a user each. */
const types = ['user.created', 'user.updated'] as const;
/** So many events a page reads at once, and so often: a user who changes a thousand times a day stands in nobody's way. */
const blockSize = 500;
const maxBlocks = 4;

/**
 * The users who were created or changed since a moment, in the order of their latest change, which is that of the events: there
 * is no index of `updated_at`, which every update would pay for. The cursors are the ids of the events: whoever goes on from
 * the last one later misses nobody. Where events of users who changed again take too long, the page ends early.
 */
export async function listUpdatedUsers(app: UsersApp, page: KeysetPage & { filter: UserFilter }): Promise<UserList> {
  for (const field of ['after', 'before'] as const) {
    if (page[field] !== undefined && !isId('event', page[field])) throw notACursor(field);
  }
  const { eventReads } = app.db;
  const { after, before, order } = boundsOf(page);
  const [from, to] = await Promise.all([
    after === undefined ? firstPosition(app, page.filter) : positionOf(eventReads, after).then((at) => at + 1),
    before === undefined ? undefined : positionOf(eventReads, before).then((at) => at - 1),
  ]);
  const { latest, stoppedAt } = await findLatest(app, { types, from, to, order, limit: page.limit + 1 });
  const { rows, hasMore } = cutPage(latest, page);
  const cursors = new Map(rows.map(({ user, event }) => [user.id, event.id]));
  return { users: rows.map(({ user }) => user), cursors, hasMore: hasMore || stoppedAt !== null, stoppedAt };
}

interface Latest {
  readonly user: User;
  readonly event: StoredEvent;
}

/** The first events of a range whose users have not changed since, and the one after which no more were read, if there are. */
async function findLatest(
  { db }: UsersApp,
  range: EventRange,
): Promise<{ latest: Latest[]; stoppedAt: string | null }> {
  const latest: Latest[] = [];
  let { from, to } = range;
  let stoppedAt: string | null = null;
  for (let block = 0; block < maxBlocks && latest.length < range.limit; block += 1) {
    const limit = block === 0 ? range.limit : blockSize;
    const events = await db.eventReads.list({ ...range, from, to, limit });
    const ids = new Set(events.flatMap(({ userId }) => userId ?? []));
    const users = new Map((await db.userReads.findAll([...ids])).map((user) => [user.id, user]));
    for (const event of events) {
      const user = users.get(event.userId ?? '');
      if (user && user.version === event.userVersion) latest.push({ user, event });
    }
    const last = events.length === limit ? events.at(-1) : undefined;
    stoppedAt = last?.id ?? null;
    if (!last) break;
    if (range.order === 'asc') from = last.position + 1;
    else to = last.position - 1;
  }
  return { latest: latest.slice(0, range.limit), stoppedAt: latest.length < range.limit ? stoppedAt : null };
}

export async function countUpdatedUsers(app: UsersApp, filter: UserFilter): Promise<number> {
  return app.db.userReads.countUpdated(types, await firstPosition(app, filter));
}

/** Where the moment is among the events; throws where those that tell of it are no longer kept. */
async function firstPosition({ config, db, now }: UsersApp, { updatedSince }: UserFilter): Promise<number> {
  const { EVENTS_RETENTION_DAYS: days } = config;
  const since = updatedSince ?? new Date(0);
  if (days === 0) throw invalid('Nothing tells who was updated: events are not kept (EVENTS_RETENTION_DAYS=0).');
  if (since.getTime() < now().getTime() - days * dayMs)
    throw invalid(
      `Events, which tell who was updated, are kept for ${days} days. Read all users instead, and then go on.`,
    );
  return db.eventReads.positionAt(since);
}

function invalid(message: string): DomainError {
  return new DomainError('invalid_request_parameters', message, { field: 'updatedSince' });
}
