import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { authenticate } from '../../src/auth/caller.ts';
import { OperatorError } from '../../src/errors.ts';
import { createSecrets } from '../../src/secrets/secrets.ts';
import { decryptPrivateKey } from '../../src/signing-keys/private-keys.ts';
import { rotateSigningKeys } from '../../src/signing-keys/signing-key-rows.ts';
import { createSigningKeys } from '../../src/signing-keys/signing-keys.ts';
import { signingKeyMaxAgeMs } from '../../src/signing-keys/token-times.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { stopDurations } from '../support/clock.ts';
import { makeSignedIn, signIn } from '../support/sessions.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp();
});
afterAll(() => t.close());

/** Another process on the same database. */
async function anotherProcess(settings: Record<string, string> = {}): Promise<TestApp> {
  const other = await createTestApp({ DATABASE_URL: t.app.config.DATABASE_URL, ...settings });
  onTestFinished(other.close);
  return other;
}

const whoIs = (app: App, token: string) => authenticate(app, `Bearer ${token}`);
const rotate = (discard = false) =>
  rotateSigningKeys(t.app.db, t.app.secrets, new Date(), { algorithm: 'ES256', discard });

describe('the first key', () => {
  test('made by many processes at once is one usable set: each accepts what the others sign', async () => {
    const fresh = await createTestApp();
    onTestFinished(fresh.close);
    const sets = Array.from({ length: 5 }, () =>
      createSigningKeys(fresh.app.db, fresh.app.secrets, fresh.app.log, 'ES256'),
    );
    const [now, durations] = [new Date(), stopDurations()];
    const signers = await Promise.all(sets.map((keys) => keys.signer(now)));
    for (const { id } of signers) {
      for (const keys of sets) expect(await keys.find(id, now)).not.toBeNull();
    }
    durations.forward(signingKeyMaxAgeMs);
    const later = await Promise.all(sets.map((keys) => keys.signer(now)));
    expect(new Set(later.map(({ id }) => id)).size).toBe(1);
  });
});

describe('a rotation', () => {
  test('keeps the tokens from before valid until the last has expired, and no longer', async () => {
    const { accessToken } = await makeSignedIn(t);
    const before = await t.app.signingKeys.signer(new Date());
    const durations = stopDurations();
    const id = await rotate();
    durations.forward(signingKeyMaxAgeMs);
    expect((await t.app.signingKeys.signer(new Date())).id).toBe(id);
    expect(await whoIs(t.app, accessToken)).toMatchObject({ kind: 'user' });
    const { keys } = await (await t.fetch('/.well-known/jwks.json')).json();
    expect(keys.map(({ kid }: { kid: string }) => kid).slice(0, 2)).toEqual([id, before.id]);
    await jwtVerify(accessToken, createLocalJWKSet({ keys }));
    const afterwards = new Date(Date.now() + 308_000);
    expect(await t.app.signingKeys.find(before.id, afterwards)).toBeNull();
    expect(await t.app.signingKeys.find(id, afterwards)).not.toBeNull();
    expect((await t.app.signingKeys.keySet(afterwards)).keys).toHaveLength(1);
  });

  test('in another process counts at once for a token that the new key has signed', async () => {
    const other = await anotherProcess();
    const { email, accessToken } = await makeSignedIn(t);
    await whoIs(other.app, accessToken);
    await rotate();
    const third = await anotherProcess();
    const { accessToken: newer } = await signIn(third, email);
    expect(await whoIs(other.app, newer)).toMatchObject({ kind: 'user' });
  });

  test('that discards the keys before it kills their tokens in every process within two seconds', async () => {
    const other = await anotherProcess();
    const { email, accessToken } = await makeSignedIn(t);
    const durations = stopDurations();
    await whoIs(other.app, accessToken);
    const id = await rotate(true);
    durations.forward(2000);
    for (const { app } of [t, other]) {
      await expect(whoIs(app, accessToken)).rejects.toMatchObject({ code: 'unauthorized' });
    }
    const { keys } = await (await t.fetch('/.well-known/jwks.json')).json();
    expect(keys.map(({ kid }: { kid: string }) => kid)).toEqual([id]);
    expect(await whoIs(t.app, (await signIn(t, email)).accessToken)).toMatchObject({ kind: 'user' });
  });
});

describe('tokens with keys that do not exist', () => {
  test('make few reads, however many there are', async () => {
    const counted = await anotherProcess();
    let reads = 0;
    const reader = counted.app.db.reader.$extends({
      query: {
        signingKey: {
          findMany({ args, query }) {
            reads += 1;
            return query(args);
          },
        },
      },
    });
    Object.assign(counted.app.db, { reader });
    const { accessToken } = await makeSignedIn(counted);
    const [, payload, signature] = accessToken.split('.');
    const startedAt = performance.now();
    reads = 0;
    for (let i = 0; i < 1000; i += 1) {
      const header = Buffer.from(JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: `k${i}` })).toString('base64url');
      await expect(whoIs(counted.app, `${header}.${payload}.${signature}`)).rejects.toMatchObject({
        code: 'unauthorized',
      });
    }
    const elapsedSeconds = (performance.now() - startedAt) / 1000;
    expect(reads).toBeLessThanOrEqual(2 + 1.5 * elapsedSeconds);
    expect(await whoIs(counted.app, accessToken)).toMatchObject({ kind: 'user' });
  });
});

describe('what is stored and published', () => {
  test('the key set may be cached by everybody and has no private part', async () => {
    await makeSignedIn(t);
    const response = await t.fetch('/.well-known/jwks.json');
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    for (const key of (await response.json()).keys) {
      expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
      expect(key).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' });
    }
    expect((await t.fetch('/.well-known/jwks.json', { method: 'HEAD' })).status).toBe(200);
    expect((await t.fetch('/.well-known/jwks.json', { method: 'POST' })).status).toBe(405);
  });

  test('the private key is encrypted: it opens with the secret and its own id, and with no other', async () => {
    const { id, privateKey } = await t.app.signingKeys.signer(new Date());
    const { encryptedPrivateKey } = await t.app.db.reader.signingKey.findUniqueOrThrow({ where: { id } });
    const { secrets } = t.app;
    expect(decryptPrivateKey(encryptedPrivateKey, id, secrets).equals(privateKey)).toBe(true);
    const { d } = privateKey.export({ format: 'jwk' });
    const stored = Buffer.from(encryptedPrivateKey, 'base64url');
    expect(stored.includes(Buffer.from(String(d), 'base64url'))).toBe(false);
    for (const [other, key] of [
      [id, createSecrets('another secret of thirty-two characters')],
      ['another id', secrets],
    ] as const) {
      expect(() => decryptPrivateKey(encryptedPrivateKey, other, key)).toThrow(OperatorError);
    }
    const altered = stored.map((byte, i) => (i === stored.length - 1 ? byte ^ 1 : byte));
    expect(() => decryptPrivateKey(Buffer.from(altered).toString('base64url'), id, secrets)).toThrow(OperatorError);
    expect(() => decryptPrivateKey('', id, secrets)).toThrow(OperatorError);
  });

  test('a process with another secret signs nothing, says so, and accepts what others sign', async () => {
    const { email, accessToken } = await makeSignedIn(t);
    const other = await anotherProcess({ SIGNING_KEY_SECRET: 'another secret of thirty-two characters' });
    await expect(other.app.signingKeys.prepare(new Date())).rejects.toThrow(/another SIGNING_KEY_SECRET/);
    await expect(signIn(other, email)).rejects.toThrow('SERVICE_UNAVAILABLE');
    expect(other.logged()).toContain('was made with another SIGNING_KEY_SECRET');
    expect(await whoIs(other.app, accessToken)).toMatchObject({ kind: 'user' });
  });
});
