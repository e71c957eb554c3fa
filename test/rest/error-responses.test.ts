import { expect, test } from 'vitest';
import { DomainError, type ErrorCode } from '../../src/errors.ts';
import { oauthCodes, presentError, statusOf } from '../../src/rest/error-responses.ts';

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
  expect(refusal.headers.has('retry-after')).toBe(
    [429, 503].includes(refusal.status) && code !== 'outcome_unknown', // which nobody should repeat without looking
  );
  expect(refusal.headers.get('cache-control')).toBe('no-store');
});

test('no code has status 409, which the SDK for Ruby sends again', () => {
  expect(Object.values(statusOf)).not.toContain(409);
});
