import type { Operations } from '../call.ts';
import { answerConfirmReset, answerCreateReset, answerReset } from '../password-reset.ts';

/** A new password by a link that was mailed. */
export const passwordResetRoutes: Operations = {
  '/user_management/password_reset': {
    POST: {
      id: 'createPasswordReset',
      scopes: ['users:credentials'],
      summary: 'Has a link mailed by which the user of an address sets a new password, and answers its token.',
      takes: 'CreatePasswordResetTokenDto',
      status: 201,
      gives: 'PasswordReset',
      errors: ['entity_not_found', 'invalid_email', 'password_reset_not_allowed', 'daily_quota_exceeded'],
      statuses: { invalid_email: 422 },
      isNeverReplayed: true,
      answer: answerCreateReset,
    },
  },
  '/user_management/password_reset/confirm': {
    POST: {
      id: 'resetPassword',
      scopes: ['users:read', 'users:credentials'],
      summary: 'Sets the password of whoever the token was mailed to, verifies their address and ends their sessions.',
      takes: 'CreatePasswordResetDto',
      status: 200,
      gives: 'ResetPasswordResponse',
      errors: ['entity_not_found', 'password_reset_error', 'rate_limited'],
      answer: answerConfirmReset,
    },
  },
  '/user_management/password_reset/{id}': {
    GET: {
      id: 'getPasswordReset',
      scopes: ['users:credentials'],
      summary: 'A link that sets a password, as long as it can be used, for a backend that sends mails itself.',
      status: 200,
      gives: 'PasswordReset',
      errors: ['entity_not_found'],
      answer: answerReset,
    },
  },
};
