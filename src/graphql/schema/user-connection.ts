import { queryFromInfo } from '@pothos/plugin-prisma';
import type { User as UserRow } from '../../db/database.ts';
import type { UserQuery } from '../../db/user-query.ts';
import { parseFilter } from '../../input/filter.ts';
import { countUsers, listUsers, type UserPage } from '../../users/list.ts';
import type { UserList } from '../../users/user-cursors.ts';
import { orderOf } from '../../users/user-filter.ts';
import { builder } from './builder.ts';
import { type Connection, PageInfo, pageArgs, parsePage, toConnection } from './paging.ts';
import { User } from './user.ts';
import { UserFilter, UserOrder } from './user-filter.ts';

interface Edge {
  readonly cursor: string;
  readonly user: UserRow;
}

interface UsersConnection extends Connection<UserRow> {
  readonly list: Pick<UserPage, 'filter' | 'by'>;
  readonly cursors: UserList['cursors'];
}

const UserEdge = builder.objectRef<Edge>('UserEdge').implement({
  description: 'A user and their place in the list.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', { description: 'The place in the list, for `after` and `before`.' }),
    node: t.field({ type: User, description: 'The user.', resolve: ({ user }) => user }),
  }),
});

const UserConnection = builder.objectRef<UsersConnection>('UserConnection').implement({
  description: 'A page of users.',
  fields: (t) => ({
    edges: t.field({
      type: [UserEdge],
      description: 'The users of this page.',
      resolve: ({ rows, cursors }) => rows.map((user) => ({ user, cursor: cursors.get(user.id) ?? '' })),
    }),
    pageInfo: t.field({ type: PageInfo, description: 'Where this page stands.', resolve: (page) => page }),
    totalCount: t.int({
      description: 'How many users match the filter. Counted only when asked for, which takes long on a large store.',
      resolve: ({ list }, _args, { app }) => countUsers(app, list),
    }),
  }),
});

const args = pageArgs('users');

builder.queryField('users', (t) =>
  t.field({
    type: UserConnection,
    description:
      'Users, a page at a time: `first` and `after`, or `last` and `before`. In the order of their creation, unless a filter has an order of its own or another is asked for.',
    args: {
      first: t.arg.int(args.first),
      after: t.arg.string(args.after),
      last: t.arg.int(args.last),
      before: t.arg.string(args.before),
      filter: t.arg({ type: UserFilter, description: 'Which users. Omitted, or `null`: all.' }),
      orderBy: t.arg({ type: UserOrder, description: 'The order. Newest first, or that of the filter, when omitted.' }),
    },
    resolve: async (_root, { filter, orderBy, ...given }, context, info): Promise<UsersConnection> => {
      const list = parseFilter(filter);
      const { by, direction } = orderOf(list, orderBy);
      const page: UserPage = { ...parsePage(given, { what: 'users', order: direction }), filter: list, by };
      const query = queryFromInfo({ context, info, typeName: 'User', path: ['edges', 'node'] }) as UserQuery;
      const { users, cursors, hasMore, stoppedAt } = await listUsers(context.app, page, query);
      const connection = toConnection(page, users, hasMore, ({ id }) => cursors.get(id) ?? '');
      const reached = stoppedAt === null ? {} : { [page.fromEnd ? 'startCursor' : 'endCursor']: stoppedAt };
      return { ...connection, ...reached, list: { filter: list, by }, cursors };
    },
  }),
);
