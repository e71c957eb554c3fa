import { queryFromInfo } from '@pothos/plugin-prisma';
import { createUser } from '../../users/create.ts';
import { deleteUser } from '../../users/delete.ts';
import { updateUser } from '../../users/update.ts';
import { perform } from '../context.ts';
import { builder } from './builder.ts';
import { expectedVersionArg } from './expected-version.ts';
import { selectedFields } from './selected-fields.ts';
import { User } from './user.ts';
import { CreateUserInput, UpdateUserInput } from './user-input.ts';

const idArg = { description: 'The id of the user.', required: true } as const;

builder.mutationFields((t) => ({
  updateUser: t.field({
    type: User,
    description:
      'Changes a user. Omitted fields stay as they are, and everything happens together or not at all. Answers the user as it is afterwards; an update that changes nothing writes nothing.',
    args: {
      id: t.arg.id(idArg),
      input: t.arg({ type: UpdateUserInput, required: true, description: 'What to change.' }),
      expectedVersion: t.arg.int(expectedVersionArg),
    },
    resolve: (_root, { id, input, expectedVersion }, context, info) => {
      const withIdentities = selectedFields(info).ofUser.has('identities');
      if (withIdentities) queryFromInfo({ context, info }); // so that Pothos knows that they are there
      return perform(context, (app, principal) =>
        updateUser(app, principal, id, input, { expectedVersion, withIdentities }),
      );
    },
  }),
  createUser: t.prismaField({
    type: User,
    description: 'Makes a user. A taken address or external id is refused with `USER_CREATION_ERROR`.',
    args: { input: t.arg({ type: CreateUserInput, required: true, description: 'The new user.' }) },
    resolve: (query, _root, { input }, context) =>
      perform(context, (app, principal) => createUser(app, principal, input, query)),
  }),
  deleteUser: t.prismaField({
    type: User,
    description: 'Deletes a user with their identities and password; answers the user as they last were.',
    args: {
      id: t.arg.id(idArg),
      expectedVersion: t.arg.int(expectedVersionArg),
      erase: t.arg.boolean({ description: 'True: what is personal goes from what was recorded of them, too.' }),
    },
    resolve: (query, _root, { id, expectedVersion, erase }, context) =>
      perform(context, (app, principal) => deleteUser(app, principal, id, query, { expectedVersion, erase })),
  }),
}));
