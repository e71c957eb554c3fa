import { setUserManaged } from '../../users/managed.ts';
import { perform } from '../context.ts';
import { builder } from './builder.ts';
import { expectedVersionArg } from './expected-version.ts';
import { User } from './user.ts';

builder.mutationFields((t) => ({
  setUserManaged: t.prismaField({
    type: User,
    description:
      'Says whether an identity provider manages the user. While it does, their email cannot be changed here.',
    args: {
      id: t.arg.id({ description: 'The id of the user.', required: true }),
      managed: t.arg.boolean({ required: true, description: 'True: managed from now on. False: no longer.' }),
      expectedVersion: t.arg.int(expectedVersionArg),
    },
    resolve: (query, _root, { id, managed, expectedVersion }, context) =>
      perform(context, (app, principal) => setUserManaged(app, principal, id, managed, query, { expectedVersion })),
  }),
}));
