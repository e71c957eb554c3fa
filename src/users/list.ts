import type { UserSearch } from '../db/database.ts';
import type { UserQuery } from '../db/user-query.ts';
import { boundsOf, cutPage, type KeysetPage } from '../input/keyset.ts';
import { withRelations } from './find.ts';
import { countUpdatedUsers, listUpdatedUsers } from './updated-users.ts';
import { narrowed, placeOf, placesOf, type UserList, writeCursor } from './user-cursors.ts';
import type { Sorting, UserFilter } from './user-filter.ts';
import { searchOf } from './user-search.ts';
import type { UsersApp } from './users-app.ts';

/** A page of a list whose order goes with its filter: see `orderOf`. */
export interface UserPage extends KeysetPage {
  readonly filter: UserFilter;
  /** That of their creation when omitted. */
  readonly by?: Sorting;
}

/** How many users match. On a large store it takes long. */
export function countUsers(
  app: UsersApp,
  { filter, by = 'CREATED_AT' }: Pick<UserPage, 'filter' | 'by'>,
): Promise<number> {
  return by === 'UPDATED_AT' ? countUpdatedUsers(app, filter) : app.db.userReads.count(searchOf(filter, by));
}

/** One page by keyset. Throws for a cursor of another list. */
export async function listUsers(app: UsersApp, page: UserPage, query: UserQuery = {}): Promise<UserList> {
  const { filter, by = 'CREATED_AT' } = page;
  const list = by === 'UPDATED_AT' ? await listUpdatedUsers(app, page) : await search(app, page, searchOf(filter, by));
  return { ...list, users: await withRelations(app, list.users, query) };
}

async function search({ db }: UsersApp, page: UserPage, range: UserSearch): Promise<UserList> {
  const { key } = range;
  const { after, before, order: direction } = boundsOf({ ...page, ...placesOf(key, page) });
  const found = await db.userReads.list(narrowed(range, after, before), { direction, limit: page.limit + 1 });
  const { rows: users, hasMore } = cutPage(found, page);
  const cursors = new Map(users.map((user) => [user.id, writeCursor(key, placeOf[key](user))]));
  return { users, hasMore, cursors, stoppedAt: null };
}
