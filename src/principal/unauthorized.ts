import { DomainError } from '../errors.ts';

/** One answer for a missing, malformed, unknown and revoked key, so that it tells nothing. */
export function unauthorized(): DomainError {
  return new DomainError('unauthorized', 'A valid API key is required: "Authorization: Bearer sk_…".');
}

/** One answer for every access token that does not count. Its holder gets another one for a refresh token. */
export function invalidToken(): DomainError {
  return new DomainError('unauthorized', 'The access token is not valid, or has expired, or its session has ended.');
}
