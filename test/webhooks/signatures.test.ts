import { randomBytes } from 'node:crypto';
import { WorkOS } from '@workos-inc/node';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { signatureHeaders } from '../../src/webhooks/signatures.ts';

const id = 'event_01JZ0000000000000000000000';
const user = {
  object: 'user',
  id: 'user_01',
  email: 'é@example.com',
  first_name: '𝒜"\\',
  metadata: { 10: 'a', 2: 'b' },
};
const body = JSON.stringify({
  object: 'event',
  id,
  event: 'user.updated',
  data: user,
  created_at: '2026-01-15T12:00:00.000Z',
});
const newSecret = () => `whsec_${randomBytes(24).toString('base64')}`;
const sign = (current: string, previous: string | null = null, sentAt = new Date()) =>
  signatureHeaders({ id, body, sentAt }, { current, previous });

const byWorkOS = (headers: Record<string, string>, secret: string) =>
  new WorkOS('sk_test').webhooks.constructEvent({
    payload: JSON.parse(body),
    sigHeader: headers['WorkOS-Signature'] as string,
    secret,
  });
const byStandard = (headers: Record<string, string>, secret: string) => new Webhook(secret).verify(body, headers);

test('both kinds of receivers accept a signature by the one secret', async () => {
  const secret = newSecret();
  const headers = sign(secret);
  expect(await byWorkOS(headers, secret)).toMatchObject({ id, event: 'user.updated' });
  expect(byStandard(headers, secret)).toEqual(JSON.parse(body));
  expect(headers['Webhook-Id']).toBe(id);
});

test('the vector of a known secret and moment stays', () => {
  const secret = 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3';
  const headers = signatureHeaders(
    { id: 'event_1', body: '{"a":1}', sentAt: new Date(1_760_000_000_999) },
    { current: secret, previous: null },
  );
  expect(headers).toMatchInlineSnapshot(`
    {
      "Webhook-Id": "event_1",
      "Webhook-Signature": "v1,anc0iLBJ4YazSjBcZbGgJfFFBjmZYk1KtuAzrhpVnfY=",
      "Webhook-Timestamp": "1760000000",
      "WorkOS-Signature": "t=1760000000999, v1=4a21c0e103590d682832ed056af3ffd020c5be00a3aaa1d0c92d5c16e813934d",
    }
  `);
});

test('another secret, another body and an old moment are refused', async () => {
  const [secret, other] = [newSecret(), newSecret()];
  await expect(byWorkOS(sign(secret), other)).rejects.toThrow();
  expect(() => byStandard(sign(secret), other)).toThrow('No matching signature');
  expect(() => new Webhook(secret).verify(`${body} `, sign(secret))).toThrow('No matching signature');
  const old = sign(secret, null, new Date(Date.now() - 301_000));
  expect(() => byStandard(old, secret)).toThrow('too old');
  await expect(byWorkOS(old, secret)).rejects.toThrow();
});

test('while secrets are exchanged, Standard Webhooks takes both, and WorkOS the earlier one', async () => {
  const [current, previous] = [newSecret(), newSecret()];
  const headers = sign(current, previous);
  expect(byStandard(headers, current)).toEqual(byStandard(headers, previous));
  expect(await byWorkOS(headers, previous)).toMatchObject({ id });
  await expect(byWorkOS(headers, current)).rejects.toThrow();
  expect(headers['WorkOS-Signature']?.match(/v1=/g)).toHaveLength(1);
});
