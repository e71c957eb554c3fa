import { createPublicKey, X509Certificate } from 'node:crypto';
import { decodeProtectedHeader, type JWK, SignJWT } from 'jose';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { authenticate } from '../../src/auth/caller.ts';
import { signingKeyMaxAgeMs } from '../../src/signing-keys/token-times.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { stopDurations } from '../support/clock.ts';
import { makeSignedIn, signIn } from '../support/sessions.ts';

/** Starts Roster as `serve` does, over the database of another one where that is given. */
async function start(algorithm: string, before?: TestApp): Promise<TestApp> {
  const url = before && { DATABASE_URL: before.app.config.DATABASE_URL };
  const t = await createTestApp({ TOKEN_ALGORITHM: algorithm, ...url });
  onTestFinished(t.close);
  await t.app.signingKeys.prepare(new Date());
  return t;
}

const algorithmOf = (token: string) => decodeProtectedHeader(token).alg;
const accepts = ({ app }: TestApp, token: string) =>
  authenticate(app, `Bearer ${token}`).then(
    () => true,
    (error: unknown) => {
      expect(error).toMatchObject({ code: 'unauthorized' });
      return false;
    },
  );
const keysOf = async (t: TestApp, path = '/.well-known/jwks.json'): Promise<JWK[]> =>
  (await (await t.fetch(path)).json()).keys;

let es: TestApp;
beforeEach(async () => {
  es = await start('ES256');
});

describe('RS256', () => {
  test('signs tokens, and its key is published with a certificate of it', async () => {
    const t = await start('RS256');
    const { accessToken } = await makeSignedIn(t);
    expect(algorithmOf(accessToken)).toBe('RS256');
    expect(await accepts(t, accessToken)).toBe(true);
    const [key] = (await keysOf(t)) as [JWK];
    expect(Object.keys(key).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use', 'x5c']);
    expect(key).toMatchObject({ kty: 'RSA', alg: 'RS256', use: 'sig', kid: decodeProtectedHeader(accessToken).kid });
    expect(createPublicKey({ key, format: 'jwk' }).asymmetricKeyDetails?.modulusLength).toBe(2048);
  });

  test('the certificate is X.509, holds that key, is signed by it and has no end', async () => {
    const [key] = (await keysOf(await start('RS256'))) as [JWK];
    const certificate = new X509Certificate(Buffer.from(key.x5c?.[0] ?? '', 'base64'));
    const { n, e } = certificate.publicKey.export({ format: 'jwk' });
    expect({ n, e }).toEqual({ n: key.n, e: key.e });
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.subject).toBe('CN=Roster');
    expect(Date.parse(certificate.validFrom)).toBeLessThanOrEqual(Date.now());
    expect(certificate.validTo).toContain('9999');
    expect(certificate.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
  });
});

describe('a start with another algorithm', () => {
  test('makes a key of it; the other one is published and its tokens are accepted until they expire', async () => {
    const { email, accessToken: before } = await makeSignedIn(es);
    const rs = await start('RS256', es);
    const { accessToken } = await signIn(rs, email);
    expect(algorithmOf(accessToken)).toBe('RS256');
    expect((await keysOf(rs)).map(({ alg }) => alg)).toEqual(['RS256', 'ES256']);
    for (const token of [before, accessToken]) expect(await accepts(rs, token)).toBe(true);
    const later = new Date(Date.now() + 310_000);
    expect((await rs.app.signingKeys.keySet(later)).keys.map(({ alg }) => alg)).toEqual(['RS256']);
  });

  test('a process that still runs with the former one accepts the new tokens, and signs with the new key soon', async () => {
    const durations = stopDurations();
    const { email } = await makeSignedIn(es);
    const rs = await start('RS256', es);
    expect(await accepts(es, (await signIn(rs, email)).accessToken)).toBe(true);
    durations.forward(signingKeyMaxAgeMs);
    expect(algorithmOf((await signIn(es, email)).accessToken)).toBe('RS256');
    expect(await keysOf(rs)).toHaveLength(2); // neither retires the other's
  });

  test('and back makes another key; the same one again makes none', async () => {
    const rs = await start('RS256', es);
    const again = await start('RS256', rs);
    expect(await keysOf(again)).toHaveLength(2);
    expect((await keysOf(await start('ES256', again))).map(({ alg }) => alg)).toEqual(['ES256', 'RS256', 'ES256']);
  });
});

test('a token whose header names another algorithm than that of its key is refused', async () => {
  const { accessToken } = await makeSignedIn(es);
  const [, payload, signature] = accessToken.split('.');
  const { kid = '' } = decodeProtectedHeader(accessToken);
  const [key] = (await keysOf(es)) as [JWK];
  for (const alg of ['RS256', 'PS256', 'ES384', 'none', 'HS256']) {
    const header = Buffer.from(JSON.stringify({ alg, typ: 'at+jwt', kid })).toString('base64url');
    expect(await accepts(es, `${header}.${payload}.${signature}`)).toBe(false);
  }
  const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString());
  const published = Buffer.from(JSON.stringify(key));
  const confused = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid }).sign(published);
  expect(await accepts(es, confused)).toBe(false);
});

test('the keys are where WorkOS’s SDKs look for them, for whatever client, without credentials', async () => {
  const keys = await keysOf(es);
  for (const client of ['client_any', 'client_01HXYZ']) expect(await keysOf(es, `/sso/jwks/${client}`)).toEqual(keys);
  const response = await es.fetch('/sso/jwks/client_any');
  expect(response.headers.get('cache-control')).toBe('public, max-age=300');
  expect((await es.fetch('/sso/jwks/client_any', { method: 'POST' })).status).toBe(405);
  for (const path of ['/sso/jwks', '/sso/jwks/', '/sso/jwks/a/b']) expect((await es.fetch(path)).status).toBe(404);
});
