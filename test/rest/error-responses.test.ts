import { expect, test } from 'vitest';
import { DomainError, type ErrorCode } from '../../src/errors.ts';
import { oauthCodes, presentError, statusOf } from '../../src/rest/error-responses.ts';
import { routes } from '../../src/rest/routes.ts';

const codes = Object.keys(statusOf) as ErrorCode[];

test.each(codes)('%s has a body of the one form, and a client is told when to come back', async (code) => {
  const issues = [{ code: 'password_too_short', message: 'Too short.', field: 'passwordHash', minimumLength: 10 }];
  const refusal = presentError(new DomainError(code, 'No.', { issues, entityId: 'user_1', secret: 'x' }));
  expect(refusal.status).toBe(statusOf[code]);
  expect(JSON.parse(String(refusal.body))).toEqual({
    code,
    message: code === 'invalid_request_parameters' ? 'password_hash: Too short.' : 'No.',
    errors: [{ code: 'password_too_short', message: 'Too short.', field: 'password_hash', minimum_length: 10 }],
    entity_id: 'user_1',
    ...(oauthCodes.includes(code) && { error: code, error_description: 'No.' }),
  });
  const isUseless = code === 'outcome_unknown' || code === 'email_change_too_many_attempts'; // to repeat without looking
  const isSoonOver = [429, 503].includes(refusal.status) || code === 'idempotency_error';
  expect(refusal.headers.has('retry-after')).toBe(isSoonOver && !isUseless);
  expect(refusal.headers.get('cache-control')).toBe('no-store');
});

test('no code has status 409, which the SDK for Ruby sends again, but where WorkOS has it: what is sent again is refused again', () => {
  const conflicts = Object.entries(statusOf).filter(([, status]) => status === 409);
  expect(conflicts.map(([code]) => code)).toEqual([
    'email_change_not_needed',
    'no_pending_email_change',
    'email_change_code_previously_used',
    'duplicate_endpoint',
    // of operations that WorkOS has not
    'webhook_secret_rotation_in_progress',
    'webhook_endpoint_disabled',
    'event_expired',
    // to send it again helps, or does nothing
    'idempotency_answer_not_kept',
    'idempotency_error',
  ]);
  const overridden = Object.values(routes).flatMap((methods) =>
    Object.values(methods).filter(({ statuses }) => statuses),
  );
  expect(overridden.map(({ id, statuses }) => [id, statuses])).toEqual([
    ['sendEmailChange', { email_not_available: 409, email_change_not_allowed: 409, invalid_email: 422 }],
    ['confirmEmailChange', { email_not_available: 409, email_change_not_allowed: 409, invalid_email: 422 }],
    ['createPasswordReset', { invalid_email: 422 }],
  ]);
});
