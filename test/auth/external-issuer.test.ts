import { createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { authenticate } from '../../src/auth/caller.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { stopDurations } from '../support/clock.ts';
import { GetUser } from '../support/documents.ts';
import { type ExternalIssuer, startExternalIssuer } from '../support/external-issuer.ts';
import { linesOf } from '../support/log-lines.ts';
import { makeUser } from '../support/users.ts';

let issuer: ExternalIssuer;
let t: TestApp;
let userId: string;

beforeEach(async () => {
  issuer = await startExternalIssuer();
  t = await createTestApp(issuer.settings);
  userId = (await makeUser(t.app, { externalId: 'customer-1' })).id;
  return t.close;
});

const whoIs = (token: string) => authenticate(t.app, `Bearer ${token}`);
const unauthorized = { code: 'unauthorized' };
const unavailable = {
  code: 'service_unavailable',
  message: 'The keys of the issuer of this token cannot be fetched. Try again in a moment.',
};
const warnings = () => linesOf(t.logged(), 'warn');

describe('a token of the external issuer', () => {
  test.each(['RS256', 'PS256', 'ES256', 'EdDSA'])(
    'signed with %s is its user, whose externalId is its sub',
    async (alg) => {
      await issuer.rotate(alg);
      const expected = { kind: 'user', userId, sessionId: null, network: 'anonymous', expiresAt: expect.any(Date) };
      expect(await whoIs(await issuer.sign('customer-1'))).toEqual(expected);
      expect(await whoIs(await issuer.sign('customer-1', { aud: ['others', 'roster-of-the-test'] }))).toEqual(expected);
    },
  );

  test('of nobody here is refused', async () => {
    for (const sub of ['customer-2', '', userId, 'Customer-1', '\u0000']) {
      await expect(whoIs(await issuer.sign(sub))).rejects.toMatchObject(unauthorized);
    }
  });

  test.each([
    ['another audience', { aud: 'elsewhere' }],
    ['no audience', { aud: undefined }],
    ['another issuer', { iss: 'https://elsewhere.example' }],
    ['no issuer', { iss: undefined }],
    ['an issuer that is ours', { iss: 'http://localhost:4000' }],
    ['no end', { exp: undefined }],
    ['an end that has come', { exp: Math.floor(Date.now() / 1000) - 60 }],
    ['a start that has not come', { nbf: Math.floor(Date.now() / 1000) + 3600 }],
    ['no subject', { sub: undefined }],
  ])('with %s is refused', async (_what, claims) => {
    await expect(whoIs(await issuer.sign('customer-1', claims as JWTPayload))).rejects.toMatchObject(unauthorized);
  });

  test('signed by HMAC with the public key for its secret is refused', async () => {
    const [jwk] = issuer.keys;
    const pem = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' }).export({ format: 'pem', type: 'spki' });
    const { AUTH_ISSUER: iss, AUTH_AUDIENCE: aud } = issuer.settings;
    const exp = Math.floor(Date.now() / 1000) + 60;
    for (const alg of ['HS256', 'HS512']) {
      const token = await new SignJWT({ iss, aud, sub: 'customer-1', exp })
        .setProtectedHeader({ alg, kid: String(jwk?.kid) })
        .sign(Buffer.from(String(pem)));
      await expect(whoIs(token)).rejects.toMatchObject(unauthorized);
    }
    expect(issuer.fetches).toBe(0);
  });

  test('signed by a stranger under the name of its key is refused', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { AUTH_ISSUER: iss, AUTH_AUDIENCE: aud } = issuer.settings;
    const token = await new SignJWT({ iss, aud, sub: 'customer-1', exp: Math.floor(Date.now() / 1000) + 60 })
      .setProtectedHeader({ alg: 'RS256', kid: String(issuer.keys[0]?.kid) })
      .sign(privateKey);
    await expect(whoIs(token)).rejects.toMatchObject(unauthorized);
  });

  test('is no API key: it reads nothing', async () => {
    const { errors } = await t.graphql(GetUser, { id: userId }, await issuer.sign('customer-1'));
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });

  test('is refused where no external issuer is configured', async () => {
    const without = await createTestApp();
    onTestFinished(without.close);
    await makeUser(without.app, { externalId: 'customer-1' });
    const token = await issuer.sign('customer-1');
    await expect(authenticate(without.app, `Bearer ${token}`)).rejects.toMatchObject(unauthorized);
    expect(issuer.fetches).toBe(0);
  });
});

const seconds = () => Math.floor(Date.now() / 1000);

describe('what is no access token, though the issuer signed it', () => {
  test.each<[string, JWTPayload]>([
    ['an ID token', { nonce: 'n-0S6_WzA2Mj' }],
    ['an ID token that came with an access token', { at_hash: '77QmUPtjPfzWtF2AnpK9RQ' }],
    ['an ID token that came with a code', { c_hash: 'LDktKdoQak3Pk0cnXxCltA' }],
    ['an ID token that came with a state', { s_hash: '9s6CBbOxiKE2d9d6vBVvCA' }],
    ['a claim whose value is null', { nonce: null }],
    ['a logout token', { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }],
    ['a security event', { toe: 1_700_000_000 }],
    ['an answer to an introspection', { token_introspection: { active: true } }],
    ["an ID token by one service's claim", { token_use: 'id' }],
    ["an ID token by another service's claim", { typ: 'ID' }],
    ['a token for a purpose that is no text', { token_use: 5 }],
  ])('%s is refused, whatever type of token is asked for', async (_what, claims) => {
    const other = await createTestApp({ ...issuer.settings, AUTH_TOKEN_TYPE: 'JWT' });
    onTestFinished(other.close);
    await makeUser(other.app, { externalId: 'customer-1' });
    await expect(whoIs(await issuer.sign('customer-1', claims))).rejects.toMatchObject(unauthorized);
    const token = await issuer.sign('customer-1', claims, { typ: 'JWT' });
    await expect(authenticate(other.app, `Bearer ${token}`)).rejects.toMatchObject(unauthorized);
    expect(warnings()).toHaveLength(1);
    expect(warnings()[0]).toContain(`claim ${Object.keys(claims)[0]}`);
  });

  test.each([[undefined], ['JWT'], ['logout+jwt'], ['secevent+jwt'], ['token-introspection+jwt'], ['']])(
    'a token of type %s is refused; the log names the setting',
    async (typ) => {
      const token = await issuer.sign('customer-1', {}, { typ });
      for (let i = 0; i < 3; i += 1) await expect(whoIs(token)).rejects.toMatchObject(unauthorized);
      expect(warnings()).toHaveLength(1);
      expect(warnings()[0]).toContain('AUTH_TOKEN_TYPE (at+jwt)');
      for (const part of [...token.split('.'), 'customer-1']) expect(t.logged()).not.toContain(part);
    },
  );

  test('the type of an access token is a media type, in any case', async () => {
    for (const typ of ['at+jwt', 'AT+JWT', 'application/at+jwt']) {
      expect(await whoIs(await issuer.sign('customer-1', {}, { typ }))).toMatchObject({ userId });
    }
  });

  test('AUTH_TOKEN_TYPE=JWT takes what issuers without RFC 9068 send, and no other kind', async () => {
    const other = await createTestApp({ ...issuer.settings, AUTH_TOKEN_TYPE: 'JWT' });
    onTestFinished(other.close);
    await makeUser(other.app, { externalId: 'customer-1' });
    const isTaken = async (typ: string | undefined) =>
      authenticate(other.app, `Bearer ${await issuer.sign('customer-1', {}, { typ })}`).then(
        () => true,
        () => false,
      );
    for (const typ of ['JWT', 'jwt', undefined, 'at+jwt']) expect(await isTaken(typ), typ).toBe(true);
    for (const typ of ['logout+jwt', 'secevent+jwt', '', 'dpop+jwt']) expect(await isTaken(typ), typ).toBe(false);
  });

  test('a token without a moment of issue, or valid for more than a day, is refused; the log says why', async () => {
    const lives = (iat: unknown, exp: number) => issuer.sign('customer-1', { iat, exp } as JWTPayload);
    expect(await whoIs(await lives(seconds(), seconds() + 86_400))).toMatchObject({ userId });
    await expect(whoIs(await lives(seconds() - 10, seconds() + 86_400))).rejects.toMatchObject(unauthorized);
    expect(warnings().at(-1)).toContain('AUTH_TOKEN_MAX_AGE_SECONDS');
    await expect(whoIs(await lives(undefined, seconds() + 60))).rejects.toMatchObject(unauthorized);
    expect(warnings().at(-1)).toContain('its claim iat is missing');
    await expect(whoIs(await lives(seconds() + 60, seconds() + 120))).rejects.toMatchObject(unauthorized);
  });

  test("a token for another audience is refused; the log names the setting, and nothing of a stranger's token", async () => {
    await expect(whoIs(await issuer.sign('customer-1', { aud: 'elsewhere' }))).rejects.toMatchObject(unauthorized);
    expect(warnings()).toHaveLength(1);
    expect(warnings()[0]).toContain('AUTH_AUDIENCE');
    const token = await issuer.sign('customer-1', { aud: 'elsewhere' });
    await expect(whoIs(`${token.slice(0, -8)}AAAAAAAA`)).rejects.toMatchObject(unauthorized);
    expect(warnings()).toHaveLength(1);
  });

  test.each<[string, unknown[]]>([
    ['sub', [5, null, true, ['customer-1'], {}]],
    ['aud', [5, null, ['roster-of-the-test', 5], {}]],
    ['iss', [5, null, ['x']]],
    ['exp', ['9999999999', null, true, [9_999_999_999]]],
    ['iat', ['1', null, true]],
    ['nbf', ['1', null, true]],
    ['jti', [5, null, {}]],
    ['client_id', [5, null, ['x']]],
    ['sid', [5, null]],
    ['scope', [5, null, [5], {}]],
    ['auth_time', ['1', null]],
    ['acr', [5, null]],
    ['amr', ['pwd', [5], null]],
  ])('a token whose %s has the wrong type is refused, and no unexpected error', async (claim, values) => {
    for (const value of values) {
      const token = await issuer.sign('customer-1', { [claim]: value });
      const { response, errors } = await t.graphql('{ viewer { id } }', {}, token);
      expect([response.status, errors?.[0]?.extensions.code], JSON.stringify(value)).toEqual([401, 'UNAUTHORIZED']);
    }
  });

  test('claims that are well-formed, known and unknown ones, do no harm', async () => {
    const all = { jti: 'a', client_id: 'b', scope: 'c d', auth_time: 1, acr: 'e', amr: ['f'], sid: 'g', roles: 'h' };
    expect(await whoIs(await issuer.sign('customer-1', all))).toMatchObject({ userId });
    expect(await whoIs(await issuer.sign('customer-1', { scope: ['c', 'd'], typ: 'Bearer' }))).toMatchObject({
      userId,
    });
  });
});

describe('the keys of the issuer', () => {
  test('are fetched once for many tokens, and not for every unknown key', async () => {
    for (let i = 0; i < 20; i += 1) await whoIs(await issuer.sign('customer-1'));
    expect(issuer.fetches).toBe(1);
    const published = issuer.keys;
    await issuer.rotate();
    const unknown = await issuer.sign('customer-1');
    for (let i = 0; i < 20; i += 1) await expect(whoIs(unknown)).rejects.toMatchObject(unauthorized);
    expect(published).not.toEqual(issuer.keys);
    expect(issuer.fetches).toBe(1);
  });

  test('may change: a token with the new one is accepted when the pause after the last fetch is over', async () => {
    await whoIs(await issuer.sign('customer-1'));
    await issuer.rotate('ES256');
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    vi.setSystemTime(Date.now() + 31_000);
    expect(await whoIs(await issuer.sign('customer-1'))).toMatchObject({ userId });
    expect(issuer.fetches).toBe(2);
  });

  test.each(['refuse', 'nonsense', 'hang'] as const)(
    'that cannot be fetched (%s) are a refusal that says so, and one warning',
    async (trouble) => {
      issuer.trouble = trouble;
      const durations = stopDurations(); // they are asked for again a second after they could not be fetched
      const token = await issuer.sign('customer-1');
      for (let i = 0; i < 5; i += 1) await expect(whoIs(token)).rejects.toMatchObject(unavailable);
      const { response, errors } = await t.graphql(GetUser, { id: userId }, token);
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
      expect(errors).toMatchObject([{ message: unavailable.message, extensions: { code: 'SERVICE_UNAVAILABLE' } }]);
      expect(warnings()).toHaveLength(1);
      expect(warnings()[0]).toContain('the keys of the external issuer cannot be fetched');
      for (const part of token.split('.')) expect(t.logged()).not.toContain(part);
      expect(issuer.fetches).toBe(1);
      issuer.trouble = null;
      durations.forward(1000);
      expect(await whoIs(token)).toMatchObject({ userId });
    },
  );
});
