import type { ErrorCode } from '../../errors.ts';
import { answerAuthenticate } from '../authentication.ts';
import type { Operations } from '../call.ts';
import { answerRevoke } from '../sessions.ts';

const grants: ErrorCode[] = [
  'invalid_credentials',
  'invalid_grant',
  'invalid_one_time_code',
  'one_time_code_expired',
  'one_time_code_previously_used',
  'one_time_code_too_many_attempts',
  'invalid_pending_authentication_token',
];

/** Where sessions begin, go on and end. */
export const sessionRoutes: Operations = {
  '/user_management/sessions/revoke': {
    POST: {
      id: 'revokeSession',
      scopes: ['sessions:write'],
      summary: 'Ends a session.',
      takes: 'UserlandRevokeSessionDto',
      status: 200,
      errors: ['entity_not_found'],
      answer: answerRevoke,
    },
  },
  '/user_management/authenticate': {
    POST: {
      id: 'authenticate',
      scopes: ['users:read', 'sessions:write'],
      summary:
        'Signs a user in with their password or a code that was mailed, or goes on with a session by its refresh token.',
      takes: 'AuthenticateRequest',
      mediaTypes: ['application/json', 'application/x-www-form-urlencoded'],
      keyInBody: true,
      status: 200,
      gives: 'UserlandAuthenticateResponse',
      errors: [...grants, 'email_verification_required', 'rate_limited'],
      isNeverReplayed: true,
      answer: answerAuthenticate,
    },
  },
};
