/** Every code a client can receive, in WorkOS's spelling. GraphQL shows them in upper case. */
export type ErrorCode =
  | 'unauthorized'
  | 'forbidden'
  | 'entity_not_found'
  | 'invalid_request_parameters'
  | 'password_strength_error'
  | 'invalid_password_hash'
  | 'password_and_password_hash_provided'
  | 'password_and_password_hash_type_provided'
  | 'password_salt_position_requires_password_hash'
  | 'invalid_email'
  | 'email_not_available'
  | 'email_already_verified'
  | 'email_change_not_allowed'
  | 'invalid_metadata'
  | 'external_id_already_used'
  | 'invalid_locale'
  | 'identity_already_linked'
  | 'identity_limit_exceeded'
  | 'invalid_credentials'
  | 'email_verification_required'
  | 'email_previously_verified'
  | 'email_verification_code_incorrect'
  | 'email_verification_code_expired'
  | 'email_verification_code_previously_used'
  | 'invalid_one_time_code'
  | 'one_time_code_expired'
  | 'one_time_code_previously_used'
  | 'one_time_code_too_many_attempts'
  | 'invalid_pending_authentication_token'
  | 'authentication_method_not_allowed'
  | 'sign_up_not_allowed'
  | 'email_change_not_needed'
  | 'no_pending_email_change'
  | 'email_change_code_incorrect'
  | 'email_change_code_expired'
  | 'email_change_code_previously_used'
  | 'email_change_too_many_attempts'
  | 'insufficient_user_authentication'
  | 'password_reset_error'
  | 'password_reset_not_allowed'
  | 'invalid_grant'
  | 'unknown_cursor'
  | 'cursor_expired'
  | 'too_many_streams'
  | 'reader_too_slow'
  | 'duplicate_item'
  | 'not_applied'
  | 'duplicate_endpoint'
  | 'invalid_url'
  | 'webhook_endpoint_limit_exceeded'
  | 'webhook_secret_rotation_in_progress'
  | 'webhook_endpoint_disabled'
  | 'event_expired'
  | 'user_creation_error'
  | 'version_mismatch'
  | 'idempotency_key_reused'
  | 'idempotency_answer_not_kept'
  | 'idempotency_error'
  | 'rate_limited'
  | 'daily_quota_exceeded'
  | 'service_unavailable'
  | 'outcome_unknown';

/** What is wrong with a field, where its code does not say. REST makes a code of it. */
export type IssueReason = 'required' | 'invalid' | 'too_long' | 'unknown';

/** One problem among several. `field` is the input's GraphQL name; further keys are the problem's own numbers. */
export interface Issue {
  field?: string;
  code: string;
  message: string;
  /** `invalid` where nothing is said. */
  reason?: IssueReason;
  [detail: string]: unknown;
}

export interface ErrorDetails {
  /** The one input field to blame, by its GraphQL name. */
  field?: string;
  /** All problems, where there are several. */
  issues?: Issue[];
  /** What else a client needs to react: the current version, the seconds to wait, the id that was not found. */
  [detail: string]: unknown;
}

/** An error that a client may see. Anything else that is thrown is a bug and is masked. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/** No id is longer than an external id can be. */
const maxShownId = 128;

type EntityKind =
  | 'User'
  | 'Identity'
  | 'Session'
  | 'Email verification'
  | 'Magic auth'
  | 'Password reset'
  | 'Webhook endpoint'
  | 'Webhook delivery';

/** The error for an id that nobody, or nothing, has. */
export function entityNotFound(kind: EntityKind, id: string): DomainError {
  const entityId = id.length > maxShownId ? `${id.slice(0, maxShownId)}…` : id;
  return new DomainError('entity_not_found', `${kind} not found: '${entityId}'.`, { entityId });
}

/** A problem that the operator can mend. The message says how; the command line prints it without a stack. */
export class OperatorError extends Error {
  override readonly name: string = 'OperatorError';
}

const maxReason = 200;

/** The message of an error without what it quotes, which may be a value, and without addresses. */
export function reasonWithoutValues(error: unknown): string {
  const message = error instanceof Error ? error.message : typeof error;
  return message
    .replaceAll(/(["'`]).*?\1/gs, '$1…$1')
    .replaceAll(/[^\s<>]+@[^\s<>]+/g, '…')
    .slice(0, maxReason);
}
