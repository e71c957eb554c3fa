import { authenticateWithPassword } from '../users/authenticate.ts';
import { builder } from './builder.ts';
import { User } from './user.ts';

builder.mutationField('authenticateWithPassword', (t) =>
  t.prismaField({
    type: User,
    description:
      'Checks a password and answers the user; sets `lastSignInAt`, and neither `updatedAt` nor `version`. A wrong password, an unknown address and a user without password get one and the same `INVALID_CREDENTIALS`. After a right password, an address that is not verified gets `EMAIL_VERIFICATION_REQUIRED`. Too many wrong ones get `RATE_LIMITED` with `retryAfterSeconds`.',
    args: {
      email: t.arg({ type: 'EmailAddress', required: true, description: 'The address of the user, in any case.' }),
      password: t.arg.string({ required: true, description: 'The password, exactly as it was typed.' }),
    },
    resolve: (query, _root, credentials, { app, principal }) =>
      authenticateWithPassword(app, principal.id, credentials, query),
  }),
);
