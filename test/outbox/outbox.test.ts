import { describe, expect, onTestFinished, test } from 'vitest';
import { newId } from '../../src/input/ids.ts';
import type { Mail } from '../../src/outbox/outbox.ts';
import { createTestApp, type TestApp } from '../support/app.ts';

async function open(settings: Record<string, string> = {}): Promise<TestApp> {
  const t = await createTestApp({ MAIL: 'log', ...settings });
  onTestFinished(t.close);
  return t;
}

const expiresAt = new Date('2026-11-26T10:10:00.000Z');
const code: Mail = {
  to: 'Ada@example.com',
  userId: null,
  locale: 'de-AT',
  cause: 'magic_auth_1',
  content: { template: 'sign-in-code', code: '123456', expiresAt },
};
const notice: Mail = { ...code, cause: 'user_1 2', content: { template: 'password-changed' } };

const queue = ({ app }: TestApp, ...mails: Mail[]) =>
  app.db.transaction(async (tx) => {
    for (const mail of mails) await app.outbox.queueMail(tx, mail);
  });

const storedMails = ({ app }: TestApp) => app.db.reader.mailMessage.findMany({ orderBy: { id: 'asc' } });

describe('a mail that is queued', () => {
  test('is a row with all that sending it takes', async () => {
    const t = await open();
    const before = new Date();
    await queue(t, code);
    const [row] = await storedMails(t);
    expect(Number(row?.dueAt)).toBeGreaterThanOrEqual(Number(before));
    expect(Number(row?.dueAt)).toBeLessThanOrEqual(Date.now());
    expect(row).toMatchObject({
      id: expect.stringMatching(/^mail_/),
      template: 'sign-in-code',
      locale: 'de-AT',
      address: 'Ada@example.com',
      addressHash: null,
      cause: 'magic_auth_1',
      state: 'queued',
      attempts: 0,
      unanswered: 0,
      expiresAt,
    });
    const parameters = t.app.secrets.openSecret('mail parameters', String(row?.id), String(row?.sealedParameters));
    expect(JSON.parse(parameters.toString())).toEqual({ code: '123456', expiresAt: expiresAt.toISOString() });
    expect(JSON.stringify(row)).not.toContain('123456');
  });

  test('after a clock that was set back is due now, and not when that time comes again', async () => {
    const t = await open();
    newId('mail', new Date(Date.now() + 50_000));
    onTestFinished(() => void newId('mail', new Date(Date.now() + 3_600_000))); // by so much that nobody goes on from it
    await queue(t, code);
    const [row] = await storedMails(t);
    expect(Number(row?.createdAt)).toBeGreaterThan(Date.now());
    expect(Number(row?.dueAt)).toBeLessThanOrEqual(Date.now());
  });

  test('is undone with its cause', async () => {
    const t = await open();
    const work = t.app.db.transaction(async (tx) => {
      await t.app.outbox.queueMail(tx, code);
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(await storedMails(t)).toEqual([]);
  });

  test('goes with its user', async () => {
    const t = await open();
    const { data } = await t.graphql('mutation { createUser(input: { email: "ada@example.com" }) { id } }');
    const { id } = (data as { createUser: { id: string } }).createUser;
    await queue(t, { ...code, userId: id });
    await t.graphql('mutation ($id: ID!) { deleteUser(id: $id) { id } }', { id });
    expect(await storedMails(t)).toEqual([]);
  });

  test('carries what is of use for minutes, or tells what stays true for days', async () => {
    const t = await open();
    await queue(t, code, notice);
    const [first, second] = await storedMails(t);
    expect(first?.expiresAt).toEqual(expiresAt);
    expect(Number(second?.expiresAt) - Number(second?.createdAt)).toBe(3 * 24 * 3_600_000);
  });
});

test('where mail is off, nothing is written', async () => {
  for (const settings of [{ MAIL: 'off' }, { MAIL: '', NODE_ENV: 'test' }]) {
    const t = await open(settings);
    await queue(t, code, notice);
    expect(await storedMails(t)).toEqual([]);
  }
});

test('where notices are off, what carries a code is sent all the same', async () => {
  const t = await open({ MAIL_NOTICES: 'false' });
  await queue(t, notice, code);
  expect((await storedMails(t)).map(({ template }) => template)).toEqual(['sign-in-code']);
});
