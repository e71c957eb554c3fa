import { queryFromInfo } from '@pothos/plugin-prisma';
import type { UserQuery } from '../../db/user-query.ts';
import { confirmEmailChange } from '../../users/confirm-email-change.ts';
import { type EmailChange as Change, sendEmailChange } from '../../users/email-change.ts';
import { perform } from '../context.ts';
import { builder } from './builder.ts';
import { User } from './user.ts';

const EmailChange = builder.objectRef<Change>('EmailChange').implement({
  description: 'A change of an address that waits for its code.',
  fields: (t) => ({
    user: t.field({ type: User, description: 'The user, with the address so far.', resolve: ({ user }) => user }),
    newEmail: t.expose('newEmail', { type: 'EmailAddress', description: 'The address to change to.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When the code is of no use any more.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the change was asked for.' }),
  }),
});

const userId = { description: 'The id of the user; with an access token, your own.', required: true } as const;

builder.mutationFields((t) => ({
  sendEmailChange: t.field({
    type: EmailChange,
    description:
      'Has a code mailed to the address that the user wants to change to, which `confirmEmailChange` takes within ten minutes, and tells the address so far. It replaces a change that was asked for before. With `EMAIL_CHANGE_CONFIRM=both` a verified address so far gets the first code. The address of another user gets `EMAIL_NOT_AVAILABLE` with an API key; a signed-in user is answered as for any other one, and its owner is told.',
    args: {
      userId: t.arg.id(userId),
      newEmail: t.arg({ type: 'EmailAddress', required: true, description: 'The address to change to.' }),
      currentPassword: t.arg.string({
        description:
          'With an access token: the current password of the user. Who has none signed in at most ten minutes ago, or gets `INSUFFICIENT_USER_AUTHENTICATION`.',
      }),
    },
    resolve: (_root, { userId, ...wanted }, context, info) =>
      sendEmailChange(
        context.app,
        context.principal,
        userId,
        wanted,
        queryFromInfo({ context, info, typeName: 'User', path: ['user'] }) as UserQuery,
      ),
  }),
  confirmEmailChange: t.prismaField({
    type: User,
    description:
      'Changes the address of a user to the one that the code was mailed to, and verifies it. Identities of other addresses are unlinked, and other sessions end, as by `updateUser`. A wrong code gets `EMAIL_CHANGE_CODE_INCORRECT`; after five, `EMAIL_CHANGE_TOO_MANY_ATTEMPTS`: ask for the change again. With `EMAIL_CHANGE_CONFIRM=both` the code of the address so far has the next one mailed to the new one, and the user stays as they are.',
    args: {
      userId: t.arg.id(userId),
      code: t.arg.string({ required: true, description: 'The six digits. Spaces and dashes do not count.' }),
    },
    resolve: (query, _root, { userId, code }, context) =>
      perform(context, (app, principal) => confirmEmailChange(app, principal, userId, code, query)),
  }),
}));
