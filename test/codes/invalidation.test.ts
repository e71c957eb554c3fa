import { expect, test } from 'vitest';
import { type Cause, dyingCodes } from '../../src/codes/invalidation.ts';
import type { CodePurpose } from '../../src/codes/purposes.ts';

const columns: CodePurpose[] = [
  'email_verification',
  'magic_auth',
  'password_reset',
  'email_change',
  'email_change_approval',
  'pending_authentication',
];

/** In the order of the columns: `x` dies, `-` stays. */
const table: Record<Cause, string> = {
  'address changed': 'xxxxxx',
  'password set': '-xxxxx',
  'address verified': 'x-----',
  'signed in by code': 'xx----',
  'made managed': 'xxxxxx',
  disarmed: 'xxxxxx',
};

test('what dies by what', () => {
  const causes = Object.entries(dyingCodes).map(([cause, dying]) => [
    cause,
    columns.map((purpose) => (dying.includes(purpose) ? 'x' : '-')).join(''),
  ]);
  expect(Object.fromEntries(causes)).toEqual(table);
});
