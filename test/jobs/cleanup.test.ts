import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../src/input/ids.ts';
import { rotateSigningKeys } from '../../src/signing-keys/signing-key-rows.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { at } from '../support/clock.ts';
import { runJob } from '../support/jobs.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp();
});
afterAll(() => t.close());

const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000);

test('a retired signing key goes when nothing that it has signed is accepted any more, by no rotation but by a job', async () => {
  const { db, secrets, now } = t.app;
  const ids = async () => (await db.reader.signingKey.findMany({ orderBy: { createdAt: 'asc' } })).map(({ id }) => id);
  const [first, second] = [
    await rotateSigningKeys(db, secrets, inHours(-48), { algorithm: 'ES256' }),
    await rotateSigningKeys(db, secrets, inHours(-24), { algorithm: 'ES256' }),
  ];
  const third = await rotateSigningKeys(db, secrets, now(), { algorithm: 'ES256' });
  expect(await ids()).toEqual([first, second, third]);
  await runJob(t, 'signing-keys.cleanup');
  expect(await ids()).toEqual([second, third]);
  expect(t.logged()).toContain('"removedSigningKeys":1');
  await at(t, inHours(24), () => runJob(t, 'signing-keys.cleanup'));
  expect(await ids()).toEqual([third]);
});

test('jobs that have failed are kept for a month', async () => {
  const failed = (id: string, hours: number) => {
    const moment = inHours(hours);
    return { id, kind: 'jobs.cleanup', payload: {}, runAt: null, failedAt: moment, createdAt: moment };
  };
  const waiting = { ...failed('job_waits', -31 * 24), runAt: inHours(1) };
  const data = [failed('job_old', -31 * 24), failed('job_new', -29 * 24), waiting];
  await t.app.db.transaction((tx) => tx.prisma.job.createMany({ data }));
  await runJob(t, 'jobs.cleanup');
  const left = await t.app.db.reader.job.findMany({ orderBy: { id: 'asc' } });
  expect(left.map(({ id }) => id)).toEqual(['job_new', 'job_waits']);
});

test('what became of a mail is kept for a month; one that still waits is kept', async () => {
  const mail = (name: string, hours: number, finishedAt: Date | null) => {
    const { id, createdAt } = newId('mail', inHours(hours));
    const seen = { addressHash: name, cause: name, template: 'password-changed' };
    return { id, ...seen, createdAt, expiresAt: createdAt, finishedAt };
  };
  const month = 30 * 24;
  const data = [
    mail('old', -month - 1, inHours(-month - 1)),
    mail('new', 1 - month, inHours(1 - month)),
    mail('old, waits', -month - 2, null),
  ];
  await t.app.db.transaction((tx) => tx.prisma.mailMessage.createMany({ data }));
  await runJob(t, 'mail.cleanup');
  const left = await t.app.db.reader.mailMessage.findMany({ orderBy: { cause: 'asc' } });
  expect(left.map(({ cause }) => cause)).toEqual(['new', 'old, waits']);
  expect(t.logged()).toContain('"removedMails":1');
});

test('each of them begins with the server, a day apart', async () => {
  t.app.start();
  await expect.poll(() => t.app.db.reader.job.count({ where: { intervalSeconds: 86_400 } })).toBe(7);
});
