import { removePassword } from '../../users/remove-password.ts';
import { perform } from '../context.ts';
import { builder } from './builder.ts';
import { expectedVersionArg } from './expected-version.ts';
import { User } from './user.ts';

builder.mutationFields((t) => ({
  removePassword: t.prismaField({
    type: User,
    description:
      "Takes a user's password away, for which an API key needs the scope `users:credentials`, and ends their sessions as a change of the password does. Where there is none, nothing changes.",
    args: {
      userId: t.arg.id({ description: 'The id of the user.', required: true }),
      expectedVersion: t.arg.int(expectedVersionArg),
    },
    resolve: (query, _root, { userId, expectedVersion }, context) =>
      perform(context, (app, principal) => removePassword(app, principal, userId, query, { expectedVersion })),
  }),
}));
