import { DomainError, type ErrorCode, type Issue } from '../errors.ts';
import { hiddenName } from '../input/safe-name.ts';
import { type HttpResponse, jsonResponse } from '../request/messages.ts';
import { toKey } from './body-input.ts';
import type { Operation } from './call.ts';
import { type RequestCode, UnreadableRequest } from './unreadable-request.ts';

/** The status of every code, as WorkOS's OpenAPI document has it for most operations. A code without one does not compile. */
export const statusOf: Record<ErrorCode | RequestCode, number> = {
  bad_request: 400,
  payload_too_large: 413,
  unsupported_media_type: 415,
  unauthorized: 401,
  forbidden: 403,
  entity_not_found: 404,
  invalid_request_parameters: 422,
  password_strength_error: 400,
  invalid_password_hash: 400,
  password_and_password_hash_provided: 400,
  password_and_password_hash_type_provided: 400,
  password_salt_position_requires_password_hash: 400,
  invalid_email: 400,
  email_not_available: 400,
  email_already_verified: 400,
  email_change_not_allowed: 400,
  invalid_metadata: 400,
  external_id_already_used: 400,
  invalid_locale: 400,
  identity_already_linked: 400,
  identity_limit_exceeded: 400,
  invalid_credentials: 400,
  email_verification_required: 403,
  email_previously_verified: 400,
  email_verification_code_incorrect: 400,
  email_verification_code_expired: 400,
  email_verification_code_previously_used: 400,
  invalid_one_time_code: 400,
  one_time_code_expired: 400,
  one_time_code_previously_used: 400,
  one_time_code_too_many_attempts: 400,
  invalid_pending_authentication_token: 400,
  authentication_method_not_allowed: 400,
  sign_up_not_allowed: 400,
  email_change_not_needed: 409,
  no_pending_email_change: 409,
  email_change_code_incorrect: 400,
  email_change_code_expired: 400,
  email_change_code_previously_used: 409,
  email_change_too_many_attempts: 429,
  insufficient_user_authentication: 403,
  password_reset_error: 400,
  password_reset_not_allowed: 403,
  invalid_grant: 400,
  unknown_cursor: 400,
  cursor_expired: 400,
  too_many_streams: 429,
  reader_too_slow: 429,
  duplicate_item: 422,
  not_applied: 422,
  duplicate_endpoint: 409,
  invalid_url: 422,
  webhook_endpoint_limit_exceeded: 422,
  webhook_secret_rotation_in_progress: 409,
  webhook_endpoint_disabled: 409,
  event_expired: 409,
  user_creation_error: 400,
  version_mismatch: 412,
  idempotency_key_reused: 422,
  idempotency_answer_not_kept: 409,
  idempotency_error: 409,
  rate_limited: 429,
  daily_quota_exceeded: 429,
  service_unavailable: 503,
  outcome_unknown: 503,
};

/** The status of an error of an operation. */
export function statusIn({ statuses = {} }: Pick<Operation, 'statuses'>, code: ErrorCode | RequestCode): number {
  return (statuses as Partial<Record<string, number>>)[code] ?? statusOf[code];
}

/** What WorkOS answers in the form of OAuth. */
export const oauthCodes: readonly (ErrorCode | RequestCode)[] = [
  'invalid_grant',
  'authentication_method_not_allowed',
  'sign_up_not_allowed',
];

/** What a client needs to go on, besides the code and the message. */
const shownDetails = ['entityId', 'pendingAuthenticationToken', 'email', 'emailVerificationId'];

/** Every SDK waits as long as `Retry-After` says before it tries again; where nothing is known, a second. */
const defaultRetrySeconds = 1;
const soonRetried: readonly (ErrorCode | RequestCode)[] = ['service_unavailable', 'idempotency_error'];
/** WorkOS's status for a code that was tried too often: to send it again is of no use. */
const neverRetried: readonly (ErrorCode | RequestCode)[] = ['email_change_too_many_attempts'];

/**
 * The answer to a refused request, always of the one form `{code, message[, errors][, entity_id]}`. A refused grant has
 * OAuth's names too (RFC 6749, section 5.2): by them the SDKs know that the user must sign in again.
 */
export function presentError(
  error: DomainError | UnreadableRequest,
  operation: Pick<Operation, 'statuses'> = {},
): HttpResponse {
  const status = statusIn(operation, error.code);
  const details = detailsOf(error);
  const { issues } = details;
  const shown = shownDetails.filter((name) => details[name] !== undefined);
  const body = {
    code: error.code,
    message: messageOf(error),
    ...(issues && { errors: issues.map(presentIssue) }),
    ...Object.fromEntries(shown.map((name) => [toSnakeCase(name), details[name]])),
    ...(oauthCodes.includes(error.code) && { error: error.code, error_description: error.message }),
  };
  const headers = { 'cache-control': 'no-store', ...headersOf(error, status) };
  return { ...jsonResponse(status, body, headers), code: error.code };
}

function detailsOf(error: DomainError | UnreadableRequest): DomainError['details'] {
  return error instanceof DomainError ? error.details : {};
}

/** Where no code of its own says which field is to blame, the message does: some SDKs show nothing else. */
function messageOf(error: DomainError | UnreadableRequest): string {
  const { field, issues } = detailsOf(error);
  if (error.code !== 'invalid_request_parameters') return error.message;
  if (issues) return issues.map((issue) => blame(issue.field, issue.message)).join(' ');
  return blame(field, error.message);
}

function blame(field: string | undefined, message: string): string {
  return field === undefined ? message : `${toKey(field)}: ${message}`;
}

/** One problem among several, under REST's names. */
export function presentIssue({ code, message, field, reason = 'invalid', ...details }: Issue): Record<string, unknown> {
  const rest = Object.entries(details).map(([name, value]) => [toSnakeCase(name), value]);
  if (field === undefined) return { code, message, ...Object.fromEntries(rest) };
  const key = toKey(field);
  const subject = key === hiddenName ? 'field' : key;
  const ownCode = code === 'invalid_request_parameters' ? `${subject}_${reason}` : code; // some SDKs show nothing else
  return { code: ownCode, message, field: key, ...Object.fromEntries(rest) };
}

function headersOf(error: DomainError | UnreadableRequest, status: number): Record<string, string> {
  const { retryAfterSeconds, currentVersion } = detailsOf(error);
  return {
    ...(error instanceof UnreadableRequest && error.headers),
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    ...((status === 429 || soonRetried.includes(error.code)) &&
      !neverRetried.includes(error.code) && {
        'retry-after': String(retryAfterSeconds ?? defaultRetrySeconds),
      }),
    ...(currentVersion !== undefined && { etag: `"${currentVersion}"` }),
  };
}

/** A detail's name, such as `minimumLength`, as the wire has it. */
function toSnakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
