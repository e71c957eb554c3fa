import type { ErrorCode } from '../../errors.ts';
import type { Operations, Statuses } from '../call.ts';
import {
  answerConfirmVerification,
  answerCreateMagicAuth,
  answerEmailVerification,
  answerMagicAuth,
  answerSendVerification,
} from '../codes.ts';
import { answerConfirmEmailChange, answerSendEmailChange } from '../email-change.ts';

const verification: ErrorCode[] = [
  'email_previously_verified',
  'email_verification_code_incorrect',
  'email_verification_code_expired',
  'email_verification_code_previously_used',
];
const changing: ErrorCode[] = ['entity_not_found', 'email_not_available', 'email_change_not_allowed', 'rate_limited'];
const statusesOfChanging: Statuses = { email_not_available: 409, email_change_not_allowed: 409, invalid_email: 422 };

/** What a code proves that was mailed: an address, a new address, or who signs in. */
export const codeRoutes: Operations = {
  '/user_management/users/{id}/email_verification/send': {
    POST: {
      id: 'sendVerificationEmail',
      scopes: ['users:read', 'users:write'],
      summary: "Has a code mailed that verifies the user's address.",
      status: 200,
      gives: 'SendVerificationEmailResponse',
      errors: ['entity_not_found', 'email_already_verified', 'daily_quota_exceeded'],
      isNeverReplayed: true,
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
      isNeverReplayed: true,
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
      isNeverReplayed: true,
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
};
