import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { requestPasswordReset } from '../../src/users/password-reset.ts';
import { requestSignInCode } from '../../src/users/requested-sign-in-code.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { makeUser } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp({ MAIL: 'off' });
});
afterAll(() => t.close());
afterEach(() => {
  vi.useRealTimers();
});

const anonymous = { kind: 'anonymous', id: '192.0.2.9' } as const;

test.each([
  ['a sign-in code', requestSignInCode],
  ['a link for a forgotten password', requestPasswordReset],
])('who asks for %s again in time gets it, though the first request waited for its job', async (_what, request) => {
  const { id: userId, email } = await makeUser(t.app, { emailVerified: true });
  vi.useFakeTimers({ toFake: ['Date'] });
  await request(t.app, anonymous, email);
  await expect(request(t.app, anonymous, email)).rejects.toMatchObject({ code: 'daily_quota_exceeded' });
  vi.setSystemTime(Date.now() + 31_000);
  await request(t.app, anonymous, email);
  await t.app.jobs.runDue();
  expect(await t.app.db.reader.oneTimeCode.count({ where: { userId } })).toBe(2);
});
