import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { columnsNamedSealed, sealedColumns } from '../../src/db/sealed-columns.ts';
import { createWebhookEndpoint, getWebhookEndpoint, rotateWebhookSecret } from '../../src/webhooks/endpoints.ts';
import { openWebhookSecrets } from '../../src/webhooks/secrets.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { copyOptions } from '../support/copies.ts';
import { queueMail, signInCode } from '../support/mails.ts';
import { newTestDatabase, roster } from '../support/processes.ts';

const before = 'the secret of before, 32 characters';
const after = 'the secret of afterwards, 32 characters';

test('every column that is sealed is known to the rotation', () => {
  expect(sealedColumns.map(({ model, field }) => `${model}.${field}`).sort()).toEqual(columnsNamedSealed().sort());
});

async function open(url: string, secret: string): Promise<TestApp> {
  const t = await createTestApp({ DATABASE_URL: url, SIGNING_KEY_SECRET: secret, MAIL: 'log' });
  onTestFinished(t.close);
  return t;
}

const rotate = (url: string, settings: Record<string, string> = {}) =>
  roster(['secret', 'rotate', '--to', 'env:NEXT_SECRET'], {
    DATABASE_URL: url,
    SIGNING_KEY_SECRET: before,
    NEXT_SECRET: after,
    ...settings,
  });

test('a rotation seals everything anew, may be repeated, and the keys and mails open with the new secret alone', async () => {
  const { url } = newTestDatabase({ isMigrated: true });
  const old = await open(url, before);
  const signer = await old.app.signingKeys.signer(new Date());
  const mailId = await queueMail(old, signInCode());
  await old.app.stop();

  const first = await rotate(url);
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toMatch(/signing keys: 1 sealed anew.*\nmail parameters: 1 sealed anew/);
  const second = await rotate(url);
  expect(second.stdout).toMatch(/signing keys: 0 sealed anew, 1 were already/);

  const fresh = await open(url, after);
  expect((await fresh.app.signingKeys.signer(new Date())).privateKey.equals(signer.privateKey)).toBe(true);
  const { sealedParameters } = await fresh.app.db.reader.mailMessage.findUniqueOrThrow({ where: { id: mailId } });
  expect(fresh.app.secrets.openSecret('mail parameters', mailId, String(sealedParameters)).toString()).toContain(
    '123456',
  );
  expect(() => old.app.secrets.openSecret('mail parameters', mailId, String(sealedParameters))).toThrow();
});

test('webhooks are signed with the same secrets afterwards, also while two are exchanged', async () => {
  const { url } = newTestDatabase({ isMigrated: true });
  const old = await open(url, before);
  const input = { url: 'https://receiver.example/hooks', eventTypes: ['user.created'] };
  const { endpoint, secret: previous } = await createWebhookEndpoint(old.app, 'roster', input);
  const { secret: current } = await rotateWebhookSecret(old.app, 'roster', endpoint.id, 24);
  await old.app.stop();
  const { stdout } = await rotate(url);
  expect(stdout).toMatch(/^webhook secrets: 1 sealed anew.*\nearlier webhook secrets: 1 sealed anew/m);
  const fresh = await open(url, after);
  const stored = await getWebhookEndpoint(fresh.app, endpoint.id);
  expect(openWebhookSecrets(fresh.app.secrets, stored, new Date())).toEqual({ current, previous });
  expect(() => openWebhookSecrets(old.app.secrets, stored, new Date())).toThrow();
});

test('what a third secret has sealed stays, and is told', async () => {
  const { url } = newTestDatabase({ isMigrated: true });
  const old = await open(url, before);
  await old.app.signingKeys.signer(new Date());
  await old.app.stop();
  const other = await rotate(url, { SIGNING_KEY_SECRET: 'a secret that never was, 32 characters' });
  expect(other).toMatchObject({ code: 1 });
  expect(other.stdout).toContain('signing keys: 0 sealed anew, 0 were already, 1 cannot be opened');
  expect((await rotate(url)).stdout).toContain('signing keys: 1 sealed anew');
});

test('six digits can be entered after a rotation where the code itself is stored, and are ended where it is not', async () => {
  const { url } = newTestDatabase({ isMigrated: true });
  const [db, old, fresh] = [
    await openDatabase({ ...copyOptions, url }),
    await open(url, before),
    await open(url, after),
  ];
  const now = new Date();
  const base = {
    email: 'a@example.com',
    emailCanonical: 'a@example.com',
    createdAt: now,
    expiresAt: new Date(now.getTime() + 600_000),
  };
  const [shown, hidden, token] = ['magic_auth_1', 'email_change_1', 'password_reset_1'] as const;
  const { hmacOf, sealSecret } = old.app.secrets;
  await db.transaction(({ prisma }) =>
    prisma.oneTimeCode.createMany({
      data: [
        {
          ...base,
          id: shown,
          purpose: 'magic_auth',
          digest: hmacOf('codes', 'magic_auth', shown, '123456'),
          sealed: sealSecret('codes', shown, '123456'),
        },
        { ...base, id: hidden, purpose: 'email_change', digest: hmacOf('codes', 'email_change', hidden, '123456') },
        {
          ...base,
          id: token,
          purpose: 'password_reset',
          digest: 'of a token',
          sealed: sealSecret('codes', token, 'a token'),
        },
      ],
    }),
  );
  expect((await rotate(url)).stdout).toMatch(
    /codes: 2 sealed anew.*\ncodes that are stored as a digest alone: 1 ended/,
  );
  const rows = new Map((await db.reader.oneTimeCode.findMany()).map((row) => [row.id, row]));
  await db.close();
  expect(rows.get(shown)?.digest).toBe(fresh.app.secrets.hmacOf('codes', 'magic_auth', shown, '123456'));
  expect(rows.get(shown)?.endedAt).toBeNull();
  expect(rows.get(hidden)?.endedAt).not.toBeNull();
  expect(rows.get(token)).toMatchObject({ digest: 'of a token', endedAt: null });
  expect(fresh.app.secrets.openSecret('codes', token, String(rows.get(token)?.sealed)).toString()).toBe('a token');
});

test.each([
  [
    'a secret on the command line',
    ['--to', 'a secret of at least thirty-two characters'],
    /expected env:NAME or @PATH/,
  ],
  ['a secret that is too short', ['--to', 'env:SHORT'], /at least 32 characters/],
  ['a variable that is not set', ['--to', 'env:NOWHERE'], /NOWHERE is not set/],
  ['the secret that is used already', ['--to', 'env:SIGNING_KEY_SECRET'], /is SIGNING_KEY_SECRET already/],
])('%s is refused, and nothing is changed', async (_what, args, expected) => {
  const { code, stderr } = await roster(['secret', 'rotate', ...args], { SIGNING_KEY_SECRET: before, SHORT: 'short' });
  expect(code).toBe(1);
  expect(stderr).toMatch(expected);
  expect(stderr).not.toContain('thirty-two');
});
