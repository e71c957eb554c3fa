import { confirmEmailVerification, sendEmailVerification } from '../../users/email-verification.ts';
import { perform } from '../context.ts';
import { builder } from './builder.ts';
import { User } from './user.ts';

const userId = { description: 'The id of the user; with an access token, your own.', required: true } as const;

builder.mutationFields((t) => ({
  sendEmailVerification: t.prismaField({
    type: User,
    description:
      "Has a code mailed to the user's address, which `confirmEmailVerification` takes within ten minutes, or as long as the server is set to. Up to three count at a time. An address that is verified gets `EMAIL_ALREADY_VERIFIED`; too many codes get `DAILY_QUOTA_EXCEEDED` with `retryAfterSeconds`.",
    args: { userId: t.arg.id(userId) },
    resolve: (query, _root, { userId }, { app, principal }) => sendEmailVerification(app, principal, userId, query),
  }),
  confirmEmailVerification: t.prismaField({
    type: User,
    description:
      'Verifies the address of a user by the code that was mailed there. A wrong code gets `EMAIL_VERIFICATION_CODE_INCORRECT`; after five, and after its time, `EMAIL_VERIFICATION_CODE_EXPIRED`: send a new one.',
    args: {
      userId: t.arg.id(userId),
      code: t.arg.string({ required: true, description: 'The six digits. Spaces and dashes do not count.' }),
    },
    resolve: (query, _root, { userId, code }, context) =>
      perform(context, (app, principal) => confirmEmailVerification(app, principal, userId, code, query)),
  }),
}));
