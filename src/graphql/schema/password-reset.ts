import { confirmPasswordReset } from '../../users/confirm-password-reset.ts';
import { requestPasswordReset } from '../../users/password-reset.ts';
import { perform } from '../context.ts';
import { builder } from './builder.ts';
import { User } from './user.ts';

builder.mutationFields((t) => ({
  requestPasswordReset: t.boolean({
    description:
      'Has a link mailed by which the user of this address sets a new password. Needs no API key, and answers `true` whether or not somebody has the address. Links that are asked for too often get `DAILY_QUOTA_EXCEEDED` with `retryAfterSeconds`.',
    args: {
      email: t.arg({ type: 'EmailAddress', required: true, description: 'The address of the user, in any case.' }),
    },
    resolve: (_root, { email }, { app, principal }) => requestPasswordReset(app, principal, email),
  }),
  confirmPasswordReset: t.prismaField({
    type: User,
    description:
      'Sets the password of the user whom the token was mailed to, also the first one, verifies their address and ends all of their sessions. Where nobody had verified it, somebody else may have registered it before: what they have prepared goes. Needs no API key. The token is good for an hour and counts once; one that does not count gets `ENTITY_NOT_FOUND`. A password that is refused gets `PASSWORD_RESET_ERROR` with `issues`, and the token stays.',
    args: {
      token: t.arg.string({ required: true, description: 'The token of the link that was mailed.' }),
      newPassword: t.arg.string({ required: true, description: 'The new password, exactly as it was typed.' }),
    },
    resolve: (query, _root, given, context) =>
      perform(context, (app, principal) => confirmPasswordReset(app, principal, given, query)),
  }),
}));
