import { expect, onTestFinished, test } from 'vitest';
import { authenticateWithPassword } from '../../src/users/sign-in.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { makeUser } from '../support/users.ts';

const passphrase = 'the right passphrase';
const salt = 'TmFDbCBvZiAxNiBieXRlcw';
const digest = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8';

/** A user whose hash an earlier version let in: twice what is taken today, and 256 MiB. */
async function makeCostlyUser({ app }: TestApp): Promise<string> {
  const { id, email } = await makeUser(app, { emailVerified: true });
  const hash = `$scrypt$v=1$n=131072,r=16,p=2,kl=32$${salt}$${digest}`;
  const data = { userId: id, type: 'scrypt', hash, saltPosition: null, changedAt: new Date() };
  await app.db.transaction((tx) => tx.prisma.password.create({ data }));
  return email;
}

function signIn({ app }: TestApp, email: string, password: string, ipAddress: string) {
  return authenticateWithPassword(
    app,
    { kind: 'anonymous', id: ipAddress },
    { email, password },
    { ipAddress, userAgent: null },
  );
}

test('costly hashes wait for each other and for nobody else, one at a time, and only so many', async () => {
  const t = await createTestApp({ PASSWORD_HASH_QUEUE: '8', SIGN_IN_FAILURES_PER_ADDRESS: '100' });
  onTestFinished(t.close);
  const costly = await Promise.all(Array.from({ length: 7 }, () => makeCostlyUser(t)));
  const { email } = await makeUser(t.app, { emailVerified: true, password: passphrase });
  await signIn(t, email, passphrase, '198.51.100.1');
  const before = process.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 20);

  let compared = 0;
  const attack = Array.from({ length: 66 }, (_, i) =>
    signIn(t, costly[i % 7] as string, 'wrong', '203.0.113.9').catch((error) => {
      if (error.code === 'invalid_credentials') compared += 1;
      return error.code;
    }),
  );
  for (let i = 0; i < 5; i += 1) await signIn(t, email, passphrase, '198.51.100.1');
  expect(compared).toBeLessThanOrEqual(1); // one takes as long as the five others, and more
  const codes = await Promise.all(attack);
  clearInterval(watch);

  expect(codes.filter((code) => code === 'rate_limited')).toHaveLength(63);
  expect(codes.filter((code) => code === 'invalid_credentials')).toHaveLength(3); // one at work and two that waited
  expect(peak - before).toBeLessThan(2 * 256 * 1024 * 1024);
});

test('whoever floods the lane of costly hashes leaves the next turn to others', async () => {
  const t = await createTestApp({ PASSWORD_HASH_QUEUE: '8', SIGN_IN_FAILURES_PER_ADDRESS: '100' });
  onTestFinished(t.close);
  const [flooded, other] = [await makeCostlyUser(t), await makeCostlyUser(t)];
  const ended: string[] = [];
  const attempt = (email: string, ipAddress: string) =>
    signIn(t, email, 'wrong', ipAddress).catch((error) => {
      if (error.code === 'invalid_credentials') ended.push(ipAddress);
    });
  const flood = Array.from({ length: 20 }, () => attempt(flooded, '203.0.113.9'));
  await Promise.all([...flood.slice(3), attempt(other, '198.51.100.1')]); // the rest of the flood is refused at once
  await Promise.all(flood);
  expect(ended).toEqual(['203.0.113.9', '203.0.113.9', '198.51.100.1']);
});
