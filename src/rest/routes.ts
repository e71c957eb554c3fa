import type { ErrorCode } from '../errors.ts';
import { answerAuthenticate } from './authentication.ts';
import type { Operation, Statuses } from './call.ts';
import {
  answerConfirmVerification,
  answerCreateMagicAuth,
  answerEmailVerification,
  answerMagicAuth,
  answerSendVerification,
} from './codes.ts';
import { answerConfirmEmailChange, answerSendEmailChange } from './email-change.ts';
import { answerList } from './list.ts';
import { answerConfirmReset, answerCreateReset, answerReset } from './password-reset.ts';
import { answerRevoke, answerSessions } from './sessions.ts';
import {
  answerCreate,
  answerDelete,
  answerGet,
  answerGetByExternalId,
  answerIdentities,
  answerUpdate,
} from './users.ts';

const form: ErrorCode[] = ['invalid_email', 'invalid_metadata', 'invalid_locale'];
const credentials: ErrorCode[] = [
  'password_strength_error',
  'invalid_password_hash',
  'password_and_password_hash_provided',
  'password_and_password_hash_type_provided',
  'password_salt_position_requires_password_hash',
  'rate_limited',
];
const stored: ErrorCode[] = ['entity_not_found', 'version_mismatch'];
const taken: ErrorCode[] = ['email_not_available', 'external_id_already_used'];
const forbiddenChanges: ErrorCode[] = ['email_already_verified', 'email_change_not_allowed'];

const verification: ErrorCode[] = [
  'email_previously_verified',
  'email_verification_code_incorrect',
  'email_verification_code_expired',
  'email_verification_code_previously_used',
];
const changing: ErrorCode[] = ['entity_not_found', 'email_not_available', 'email_change_not_allowed', 'rate_limited'];
const statusesOfChanging: Statuses = { email_not_available: 409, email_change_not_allowed: 409, invalid_email: 422 };
const grants: ErrorCode[] = [
  'invalid_credentials',
  'invalid_grant',
  'invalid_one_time_code',
  'one_time_code_expired',
  'one_time_code_previously_used',
  'one_time_code_too_many_attempts',
  'invalid_pending_authentication_token',
];

/** Everything that is served: path → method → operation. A template leaves one part of its path open at most. */
export const routes: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  '/user_management/users': {
    GET: {
      id: 'listUsers',
      scopes: ['users:read'],
      summary: 'A page of users in the order of their creation.',
      query: ['limit', 'order', 'before', 'after', 'email'],
      status: 200,
      gives: 'UserlandUserList',
      errors: ['invalid_email'],
      answer: answerList,
    },
    POST: {
      id: 'createUser',
      scopes: ['users:read', 'users:write'],
      summary: 'Makes a user.',
      takes: 'CreateUserlandUserDto',
      status: 201,
      gives: 'UserlandUser',
      errors: [...form, ...credentials, 'user_creation_error'],
      answer: answerCreate,
    },
  },
  '/user_management/users/external_id/{external_id}': {
    GET: {
      id: 'getUserByExternalId',
      scopes: ['users:read'],
      summary: 'The user with this external id.',
      status: 200,
      gives: 'UserlandUser',
      errors: stored,
      answer: answerGetByExternalId,
    },
  },
  '/user_management/users/{id}': {
    GET: {
      id: 'getUser',
      scopes: ['users:read'],
      summary: 'One user.',
      status: 200,
      gives: 'UserlandUser',
      errors: stored,
      answer: answerGet,
    },
    PUT: {
      id: 'updateUser',
      scopes: ['users:read', 'users:write'],
      summary: 'Changes a user; what is left out stays as it is.',
      takes: 'UpdateUserlandUserDto',
      status: 200,
      gives: 'UserlandUser',
      errors: [...form, ...credentials, ...stored, ...forbiddenChanges, ...taken],
      answer: answerUpdate,
    },
    DELETE: {
      id: 'deleteUser',
      scopes: ['users:write'],
      summary: 'Deletes a user with their identities, password and sessions.',
      status: 204,
      errors: stored,
      answer: answerDelete,
    },
  },
  '/user_management/users/{id}/identities': {
    GET: {
      id: 'listIdentities',
      scopes: ['users:read'],
      summary: "The user's accounts at other services, oldest first.",
      status: 200,
      gives: 'Identities',
      errors: ['entity_not_found'],
      answer: answerIdentities,
    },
  },
  '/user_management/users/{id}/sessions': {
    GET: {
      id: 'listSessions',
      scopes: ['sessions:read'],
      summary: 'A page of the active sessions of a user, in the order of their start.',
      query: ['limit', 'order', 'before', 'after'],
      status: 200,
      gives: 'SessionList',
      errors: ['entity_not_found'],
      answer: answerSessions,
    },
  },
  '/user_management/users/{id}/email_verification/send': {
    POST: {
      id: 'sendVerificationEmail',
      scopes: ['users:read', 'users:write'],
      summary: "Has a code mailed that verifies the user's address.",
      status: 200,
      gives: 'SendVerificationEmailResponse',
      errors: ['entity_not_found', 'email_already_verified', 'daily_quota_exceeded'],
      answer: answerSendVerification,
    },
  },
  '/user_management/users/{id}/email_verification/confirm': {
    POST: {
      id: 'verifyEmail',
      scopes: ['users:read', 'users:write'],
      summary: "Verifies the user's address by the code that was mailed there.",
      takes: 'VerifyEmailAddressDto',
      status: 200,
      gives: 'VerifyEmailResponse',
      errors: [...verification, 'entity_not_found', 'rate_limited'],
      answer: answerConfirmVerification,
    },
  },
  '/user_management/users/{id}/email_change/send': {
    POST: {
      id: 'sendEmailChange',
      scopes: ['users:read', 'users:write'],
      summary: 'Has a code mailed to the address that the user wants to change to, and tells the one so far.',
      takes: 'SendEmailChangeDto',
      status: 200,
      gives: 'EmailChange',
      errors: [...changing, 'email_change_not_needed', 'invalid_email', 'daily_quota_exceeded'],
      statuses: statusesOfChanging,
      answer: answerSendEmailChange,
    },
  },
  '/user_management/users/{id}/email_change/confirm': {
    POST: {
      id: 'confirmEmailChange',
      scopes: ['users:read', 'users:write'],
      summary: "Changes the user's address to the one that the code was mailed to, and verifies it.",
      takes: 'ConfirmEmailChangeDto',
      status: 200,
      gives: 'EmailChangeConfirmation',
      errors: [
        ...changing,
        'no_pending_email_change',
        'email_change_code_incorrect',
        'email_change_code_expired',
        'email_change_code_previously_used',
        'email_change_too_many_attempts',
      ],
      statuses: statusesOfChanging,
      answer: answerConfirmEmailChange,
    },
  },
  '/user_management/email_verification/{id}': {
    GET: {
      id: 'getEmailVerification',
      scopes: ['users:credentials'],
      summary: 'A code that verifies an address, as long as it can be used, for a backend that sends mails itself.',
      status: 200,
      gives: 'EmailVerification',
      errors: ['entity_not_found'],
      answer: answerEmailVerification,
    },
  },
  '/user_management/magic_auth': {
    POST: {
      id: 'createMagicAuth',
      scopes: ['users:credentials'],
      summary:
        'Has a code mailed that signs in the user of an address, and answers it. Makes the user where there is none.',
      takes: 'CreateUserlandMagicCodeAndReturnDto',
      status: 201,
      gives: 'MagicAuth',
      errors: ['invalid_email', 'authentication_method_not_allowed', 'sign_up_not_allowed', 'daily_quota_exceeded'],
      answer: answerCreateMagicAuth,
    },
  },
  '/user_management/magic_auth/{id}': {
    GET: {
      id: 'getMagicAuth',
      scopes: ['users:credentials'],
      summary: 'A code that signs a user in, as long as it can be used, for a backend that sends mails itself.',
      status: 200,
      gives: 'MagicAuth',
      errors: ['entity_not_found'],
      answer: answerMagicAuth,
    },
  },
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
      answer: answerAuthenticate,
    },
  },
};

/**
 * The open part of each template. The SDK for JavaScript does not encode external ids, so a `/` in one comes as it is; no
 * other path goes on after an external id.
 */
const openParts: Record<string, string> = { '{id}': '([^/]+)', '{external_id}': '(.+)' };

const patterns = Object.keys(routes).map((template) => ({
  template,
  pattern: new RegExp(`^${template.replace(/\{\w+\}/, (name) => openParts[name] ?? name)}$`),
}));

/** The template that a path follows, the first in the table, and the open part, still encoded; null for another path. */
export function matchRoute(pathname: string): { template: string; key: string } | null {
  for (const { template, pattern } of patterns) {
    const match = pattern.exec(pathname);
    if (match) return { template, key: match[1] ?? '' };
  }
  return null;
}
