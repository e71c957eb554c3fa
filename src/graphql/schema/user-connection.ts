import { queryFromInfo } from '@pothos/plugin-prisma';
import type { User as UserRow } from '../../db/database.ts';
import type { UserQuery } from '../../db/user-query.ts';
import { countUsers, type UserFilter as Filter, listUsers, type UserPage } from '../../users/find.ts';
import { builder } from './builder.ts';
import { type Connection, PageInfo, pageArgs, parsePage, toConnection } from './paging.ts';
import { User } from './user.ts';

interface UsersConnection extends Connection<UserRow> {
  readonly filter: Filter;
}

const UserEdge = builder.objectRef<UserRow>('UserEdge').implement({
  description: 'A user and their place in the list.',
  fields: (t) => ({
    cursor: t.exposeString('id', { description: 'The place in the list, for `after` and `before`.' }),
    node: t.field({ type: User, description: 'The user.', resolve: (user) => user }),
  }),
});

const UserConnection = builder.objectRef<UsersConnection>('UserConnection').implement({
  description: 'A page of users.',
  fields: (t) => ({
    edges: t.field({ type: [UserEdge], description: 'The users of this page.', resolve: ({ rows }) => [...rows] }),
    pageInfo: t.field({ type: PageInfo, description: 'Where this page stands.', resolve: (page) => page }),
    totalCount: t.int({
      description: 'How many users match the filter. Counted only when asked for, which takes long on a large store.',
      resolve: ({ filter }, _args, { app }) => countUsers(app, filter),
    }),
  }),
});

const UserFilter = builder.inputType('UserFilter', {
  description: 'Which users to list. All conditions must hold; an omitted one, or `null`, does not count.',
  fields: (t) => ({
    email: t.field({ type: 'EmailAddress', description: 'The user with this address; case does not matter.' }),
    emailVerified: t.boolean({ description: 'Only users whose address is verified, or only those whose is not.' }),
    createdFrom: t.field({ type: 'DateTime', description: 'Created at this moment or later.' }),
    createdBefore: t.field({ type: 'DateTime', description: 'Created before this moment.' }),
  }),
});

const UserOrder = builder.enumType('UserOrder', {
  description: 'The order of a list of users.',
  values: {
    CREATED_AT_ASC: { value: 'asc', description: 'Oldest first.' },
    CREATED_AT_DESC: { value: 'desc', description: 'Newest first.' },
  } as const,
});

const args = pageArgs('users');

builder.queryField('users', (t) =>
  t.field({
    type: UserConnection,
    description: 'Users in the order of their creation, a page at a time: `first` and `after`, or `last` and `before`.',
    args: {
      first: t.arg.int(args.first),
      after: t.arg.string(args.after),
      last: t.arg.int(args.last),
      before: t.arg.string(args.before),
      filter: t.arg({ type: UserFilter, description: 'Which users. Omitted: all.' }),
      orderBy: t.arg({ type: UserOrder, description: 'The order. Newest first when omitted.' }),
    },
    resolve: async (_root, { filter, orderBy, ...given }, context, info): Promise<UsersConnection> => {
      const asked = parsePage(given, { prefix: 'user', what: 'users', order: orderBy ?? 'desc' });
      const page: UserPage = { ...asked, filter: filter ?? {} };
      const query = queryFromInfo({ context, info, typeName: 'User', path: ['edges', 'node'] }) as UserQuery;
      const { users, hasMore } = await listUsers(context.app, page, query);
      return { ...toConnection(page, users, hasMore), filter: page.filter };
    },
  }),
);
