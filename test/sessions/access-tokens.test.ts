import { createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authenticate } from '../../src/auth/caller.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { DeleteUser, RevokeSession } from '../support/documents.ts';
import { makeSignedIn, type SignedIn } from '../support/sessions.ts';

let t: TestApp;
let alice: SignedIn;
beforeAll(async () => {
  t = await createTestApp();
  alice = await makeSignedIn(t);
});
afterAll(() => t.close());

const whoIs = (token: string) => authenticate(t.app, `Bearer ${token}`);
const refused = {
  code: 'unauthorized',
  message: 'The access token is not valid, or has expired, or its session has ended.',
};
const seconds = () => Math.floor(Date.now() / 1000);
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

interface Forgery {
  readonly header?: Record<string, unknown>;
  readonly claims?: JWTPayload;
  readonly without?: string;
  readonly key?: Parameters<SignJWT['sign']>[0];
}

/** A token like ours, signed with our key, but for what is said otherwise. */
async function forge({ header = {}, claims = {}, without = '', key }: Forgery): Promise<string> {
  const signer = await t.app.signingKeys.signer(t.app.now());
  const { TOKEN_ISSUER: iss, TOKEN_AUDIENCE: aud } = t.app.config;
  const { userId: sub, sessionId: sid } = alice;
  const all = { iss, aud, sub, sid, jti: 'forged', iat: seconds(), exp: seconds() + 300, ...claims };
  const payload = Object.fromEntries(Object.entries(all).filter(([name]) => name !== without));
  const headers = { alg: 'ES256', typ: 'at+jwt', kid: signer.id, ...header };
  return new SignJWT(payload).setProtectedHeader(headers).sign(key ?? signer.privateKey);
}

async function ourPublicKey(): Promise<JsonWebKey> {
  const { keys } = await t.app.signingKeys.keySet(t.app.now());
  return keys[0] as JsonWebKey;
}

const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });

describe('an access token', () => {
  test('says who the user is, and has the claims and the header that services count on', async () => {
    expect(await whoIs(alice.accessToken)).toEqual({
      kind: 'user',
      userId: alice.userId,
      sessionId: alice.sessionId,
      network: 'anonymous',
      expiresAt: new Date(Number(decodeJwt(alice.accessToken).exp) * 1000),
    });
    const response = await t.fetch('/.well-known/jwks.json');
    const { payload, protectedHeader } = await jwtVerify(alice.accessToken, createLocalJWKSet(await response.json()), {
      algorithms: ['ES256'],
      issuer: 'http://localhost:4000',
      audience: 'roster',
      typ: 'at+jwt',
    });
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) });
    expect(Object.keys(payload).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'sid', 'sub']);
    expect(payload).toMatchObject({ sub: alice.userId, sid: alice.sessionId });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
    expect(await whoIs(await forge({}))).toMatchObject({ userId: alice.userId }); // the forgeries below differ in one thing
  });

  test.each<[string, Forgery]>([
    ['another issuer', { claims: { iss: 'https://elsewhere.example' } }],
    ['another audience', { claims: { aud: 'another service' } }],
    ['a moment that has passed', { claims: { iat: seconds() - 310, exp: seconds() - 10 } }],
    ['a start that has not come', { claims: { nbf: seconds() + 3600 } }],
    ['an issue that has not come', { claims: { iat: seconds() + 3600, exp: seconds() + 3900 } }],
    ['a longer life than ours have', { claims: { iat: seconds() - 400, exp: seconds() + 86_400 } }],
    ['the type of another JWT', { header: { typ: 'JWT' } }],
    ['no type', { header: { typ: undefined } }],
    ['an unknown key', { header: { kid: 'unknown' } }],
    ['no key', { header: { kid: undefined } }],
    ['the signature of another key', { key: stranger.privateKey }],
    [
      'its own key in its header',
      { key: stranger.privateKey, header: { jwk: stranger.publicKey.export({ format: 'jwk' }) } },
    ],
    ['a header that must be understood', { header: { crit: ['x'], x: 1 } }],
    ['another user than the one of its session', { claims: { sub: 'user_01E4ZCR3C56J083X43JQXF3JK5' } }],
    ['a session that there is not', { claims: { sid: 'session_01E4ZCR3C56J083X43JQXF3JK5' } }],
    ['a session that is no text', { claims: { sid: 7 } }],
    ['a user that is no text', { claims: { sub: 7 as unknown as string } }],
    ['an audience that is partly no text', { claims: { aud: ['roster', 7 as unknown as string] } }],
    ['an id that is no text', { claims: { jti: 7 as unknown as string } }],
    ['an end that is a text', { claims: { exp: '9999999999' as unknown as number } }],
    ...['iss', 'aud', 'sub', 'sid', 'iat', 'exp', 'jti'].map((without): [string, Forgery] => [
      `no ${without}`,
      { without },
    ]),
  ])('with %s is refused', async (_what, forgery) => {
    const token = await forge(forgery).catch(() => ''); // jose itself does not sign every one of them
    if (token === '') expect(forgery.header).toHaveProperty('crit');
    else await expect(whoIs(token)).rejects.toMatchObject(refused);
  });

  test('with the algorithm "none" is refused, in every spelling', async () => {
    const [, payload] = (await forge({})).split('.');
    for (const alg of ['none', 'None', 'NONE', '']) {
      const { kid } = decodeProtectedHeader(alice.accessToken);
      const token = `${base64url({ alg, typ: 'at+jwt', kid })}.${payload}.`;
      await expect(whoIs(token)).rejects.toMatchObject(refused);
    }
  });

  test('signed by HMAC with the public key for its secret is refused', async () => {
    const jwk = await ourPublicKey();
    const pem = createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'pem', type: 'spki' });
    for (const secret of [pem, JSON.stringify(jwk), String(jwk.x)]) {
      const token = await forge({ header: { alg: 'HS256' }, key: Buffer.from(secret) });
      await expect(whoIs(token)).rejects.toMatchObject(refused);
    }
  });

  test('with any one letter of it altered is refused', async () => {
    const parts = alice.accessToken.split('.');
    const altered = parts.map((part, i) => {
      const other = part[5] === 'A' ? 'B' : 'A';
      return parts.with(i, `${part.slice(0, 5)}${other}${part.slice(6)}`).join('.');
    });
    const payload = { ...JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString()), sub: 'user_x' };
    for (const token of [...altered, parts.with(1, base64url(payload)).join('.')]) {
      await expect(whoIs(token)).rejects.toMatchObject(refused);
    }
  });

  test.each(['a.b.c', '..', 'a.b.', `${'a'.repeat(9000)}.b.c`, 'e30.e30.e30'])(
    'that is none (%.20s) is refused',
    async (token) => {
      await expect(whoIs(token)).rejects.toMatchObject({ code: 'unauthorized' });
    },
  );

  test('is dead the moment its session is revoked', async () => {
    const { sessionId, accessToken } = await makeSignedIn(t);
    await whoIs(accessToken);
    await t.graphql(RevokeSession, { id: sessionId });
    await expect(whoIs(accessToken)).rejects.toMatchObject(refused);
    const answer = await t.graphql(RevokeSession, { id: sessionId }, accessToken);
    expect(answer.response.status).toBe(401);
    expect(answer.response.headers.get('www-authenticate')).toBe('Bearer');
    expect(answer.errors).toMatchObject([{ extensions: { code: 'UNAUTHORIZED' } }]);
  });

  test('is dead the moment its user is deleted', async () => {
    const { userId, accessToken } = await makeSignedIn(t);
    await t.graphql(DeleteUser, { id: userId });
    await expect(whoIs(accessToken)).rejects.toMatchObject(refused);
    const { reader } = t.app.db;
    expect(await reader.session.count({ where: { userId } })).toBe(0);
  });

  test('is dead when its session expires, however new it is', async () => {
    const { sessionId } = await makeSignedIn(t);
    await t.app.db.transaction((tx) =>
      tx.prisma.session.update({ where: { id: sessionId }, data: { expiresAt: new Date(Date.now() - 1) } }),
    );
    const { userId: sub } = await t.app.db.reader.session.findUniqueOrThrow({ where: { id: sessionId } });
    await expect(whoIs(await forge({ claims: { sub, sid: sessionId } }))).rejects.toMatchObject(refused);
  });

  test('expires after five minutes, and a clock may be five seconds behind', async () => {
    const { accessToken } = await makeSignedIn(t);
    const later = (ms: number) =>
      authenticate({ ...t.app, now: () => new Date(Date.now() + ms) }, `Bearer ${accessToken}`);
    await later(298_000);
    await expect(later(307_000)).rejects.toMatchObject(refused);
  });
});
