import { queryFromInfo } from '@pothos/plugin-prisma';
import type { User as UserRow } from '../../db/database.ts';
import type { UserQuery } from '../../db/user-query.ts';
import { DomainError } from '../../errors.ts';
import { isId } from '../../input/ids.ts';
import { countUsers, type UserFilter as Filter, listUsers, type UserPage } from '../../users/find.ts';
import { builder } from './builder.ts';
import { User } from './user.ts';

const defaultPageSize = 20;
const maxPageSize = 100;

interface Connection {
  readonly users: UserRow[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly filter: Filter;
}

const PageInfo = builder.objectRef<Connection>('PageInfo').implement({
  description: 'Where a page stands in its list.',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', { description: 'Whether there is more after this page.' }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', { description: 'Whether there is more before this page.' }),
    startCursor: t.string({
      nullable: true,
      description: 'Give it as `before` for the page before this one.',
      resolve: ({ users }) => users[0]?.id ?? null,
    }),
    endCursor: t.string({
      nullable: true,
      description: 'Give it as `after` for the page after this one.',
      resolve: ({ users }) => users.at(-1)?.id ?? null,
    }),
  }),
});

const UserEdge = builder.objectRef<UserRow>('UserEdge').implement({
  description: 'A user and their place in the list.',
  fields: (t) => ({
    cursor: t.exposeString('id', { description: 'The place in the list, for `after` and `before`.' }),
    node: t.field({ type: User, description: 'The user.', resolve: (user) => user }),
  }),
});

const UserConnection = builder.objectRef<Connection>('UserConnection').implement({
  description: 'A page of users.',
  fields: (t) => ({
    edges: t.field({ type: [UserEdge], description: 'The users of this page.', resolve: ({ users }) => users }),
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

interface PageArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
  readonly filter?: Filter | null | undefined;
  readonly orderBy?: 'asc' | 'desc' | null | undefined;
}

builder.queryField('users', (t) =>
  t.field({
    type: UserConnection,
    description: 'Users in the order of their creation, a page at a time: `first` and `after`, or `last` and `before`.',
    args: {
      first: t.arg.int({
        description: `How many from the start: 1 to ${maxPageSize}; ${defaultPageSize} when neither is given.`,
      }),
      after: t.arg.string({ description: 'Only users after this cursor.' }),
      last: t.arg.int({ description: `How many from the end: 1 to ${maxPageSize}. Not together with \`first\`.` }),
      before: t.arg.string({ description: 'Only users before this cursor.' }),
      filter: t.arg({ type: UserFilter, description: 'Which users. Omitted: all.' }),
      orderBy: t.arg({ type: UserOrder, description: 'The order. Newest first when omitted.' }),
    },
    resolve: async (_root, args, context, info): Promise<Connection> => {
      const page = parsePage(args);
      const query = queryFromInfo({ context, info, typeName: 'User', path: ['edges', 'node'] }) as UserQuery;
      const { users, hasMore } = await listUsers(context.app, page, query);
      return {
        users,
        hasNextPage: page.fromEnd ? page.before !== undefined : hasMore,
        hasPreviousPage: page.fromEnd ? hasMore : page.after !== undefined,
        filter: page.filter,
      };
    },
  }),
);

function parsePage({ first, last, after, before, filter, orderBy }: PageArgs): UserPage {
  if (typeof first === 'number' && typeof last === 'number')
    throw invalid('last', 'Give either first or last, not both.');
  return {
    filter: filter ?? {},
    after: parseCursor('after', after),
    before: parseCursor('before', before),
    order: orderBy ?? 'desc',
    limit: parsePageSize('first', first) ?? parsePageSize('last', last) ?? defaultPageSize,
    fromEnd: typeof last === 'number',
  };
}

function parsePageSize(field: string, size: number | null | undefined): number | undefined {
  if (typeof size !== 'number') return undefined;
  if (size < 1 || size > maxPageSize) throw invalid(field, `A page has 1 to ${maxPageSize} users.`);
  return size;
}

function parseCursor(field: string, cursor: string | null | undefined): string | undefined {
  if (typeof cursor !== 'string') return undefined;
  if (!isId('user', cursor)) throw invalid(field, 'This is not a cursor of this list.');
  return cursor;
}

function invalid(field: string, message: string): DomainError {
  return new DomainError('invalid_request_parameters', message, { field });
}
