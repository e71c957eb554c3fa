import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Principal } from '../../src/principal/principal.ts';
import { describeClient } from '../../src/sessions/client-metadata.ts';
import { setUserManaged } from '../../src/users/managed.ts';
import { requestPasswordReset } from '../../src/users/password-reset.ts';
import { requestSignInCode } from '../../src/users/requested-sign-in-code.ts';
import { authenticateWithPassword } from '../../src/users/sign-in.ts';
import { authenticateWithCode } from '../../src/users/sign-in-with-code.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { password } from '../support/sessions.ts';
import { makeUser, newAddress } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp({ MAIL: 'off' });
});
afterAll(() => t.close());
afterEach(() => {
  vi.useRealTimers();
});

/** What somebody does who has no credentials, from one of some networks, or the time that they wait. */
type Step = readonly ['code' | 'reset' | 'guess', network: number] | readonly ['wait', seconds: number];

const network = fc.integer({ min: 0, max: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constant('code' as const), network) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('reset' as const), network) },
  { weight: 6, arbitrary: fc.tuple(fc.constant('guess' as const), network) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('wait' as const), fc.constantFrom(31, 61, 601)) },
);

async function take([what, number]: Step, email: string, run: string): Promise<string> {
  if (what === 'wait') {
    vi.setSystemTime(Date.now() + number * 1000);
    return '';
  }
  const id = `net-${run}-${number}`;
  const stranger: Principal = { kind: 'anonymous', id };
  const work = {
    code: () => requestSignInCode(t.app, stranger, email),
    reset: () => requestPasswordReset(t.app, stranger, email),
    guess: () => authenticateWithCode(t.app, stranger, { email, code: 'wrong!' }, describeClient(null, null)),
  }[what];
  const answer = await work().then(String, ({ code, message }) => `${code} ${message.replace(/\d+/g, 'n')}`);
  await t.app.jobs.runDue();
  return answer;
}

/** All answers, on a clock that begins anew. */
async function answersFor(email: string, steps: readonly Step[], startedAt: number): Promise<string[]> {
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(startedAt);
  const answers: string[] = [];
  for (const given of steps) answers.push(await take(given, email, email));
  vi.useRealTimers();
  return answers;
}

async function makeKnown(): Promise<string> {
  const { email } = await makeUser(t.app, { emailVerified: true, password });
  for (const at of ['198.51.100.7', '198.51.100.8'])
    await authenticateWithPassword(t.app, { kind: 'anonymous', id: at }, { email, password }, describeClient(at, null));
  return email;
}

async function makeManaged(): Promise<string> {
  const { id, email } = await makeUser(t.app, { emailVerified: true });
  await setUserManaged(t.app, 'roster', id, true);
  return email;
}

test('whatever strangers ask and guess, the answers are those for an address that nobody has', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const addresses = [newAddress(), await makeKnown(), (await makeUser(t.app)).email, await makeManaged()];
      const startedAt = Date.now();
      const all: string[][] = [];
      for (const email of addresses) all.push(await answersFor(email, steps, startedAt));
      for (const answers of all.slice(1)) expect(answers).toEqual(all[0]);
    }),
    { numRuns: 12, seed: 2026 },
  );
});
