import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { onTestFinished } from 'vitest';

export interface ExternalIssuer {
  readonly settings: { AUTH_ISSUER: string; AUTH_AUDIENCE: string; AUTH_JWKS_URL: string };
  /** How often the key set was fetched. */
  readonly fetches: number;
  /** What is answered instead of the key set; null for the key set. */
  trouble: 'refuse' | 'nonsense' | 'hang' | null;
  /** An access token of the issuer for this `sub`, but for what is said otherwise. */
  sign(sub: string, claims?: JWTPayload, header?: { typ?: unknown }): Promise<string>;
  /** Signs with a new key from now on; the old one is no longer published. */
  rotate(alg?: string): Promise<void>;
  /** The public keys as they are published. */
  readonly keys: readonly JWK[];
}

interface SigningKey {
  readonly publicJwk: JWK;
  readonly privateKey: CryptoKey;
}

/** First keys of issuers whose tests are over: an RSA key takes a fifth of a second to find. */
const spareKeys: SigningKey[] = [];

async function makeKey(alg: string): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { publicJwk: await exportJWK(publicKey), privateKey };
}

/** Another service that signs tokens and publishes its keys, on a free port until the test is over. */
export async function startExternalIssuer(): Promise<ExternalIssuer> {
  const server = createServer((_request, response) => {
    fetches += 1;
    if (issuer.trouble === 'hang') return;
    response.statusCode = issuer.trouble === 'refuse' ? 500 : 200;
    response.setHeader('content-type', 'application/json');
    response.end(issuer.trouble === 'nonsense' ? '{' : JSON.stringify({ keys }));
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let fetches = 0;
  let keys: JWK[] = [];
  let signing: { alg: string; kid: string; privateKey: CryptoKey };

  const signWith = (alg: string, { publicJwk, privateKey }: SigningKey) => {
    const kid = `key-${Math.random()}`;
    keys = [{ ...publicJwk, kid, alg, use: 'sig' }];
    signing = { alg, kid, privateKey };
  };

  const issuer = {
    settings: { AUTH_ISSUER: url, AUTH_AUDIENCE: 'roster-of-the-test', AUTH_JWKS_URL: `${url}/jwks` },
    trouble: null as ExternalIssuer['trouble'],
    get fetches() {
      return fetches;
    },
    get keys() {
      return keys;
    },
    async rotate(alg = 'RS256') {
      signWith(alg, await makeKey(alg));
    },
    sign(sub: string, claims: JWTPayload = {}, header: { typ?: unknown } = {}) {
      const now = Math.floor(Date.now() / 1000);
      return new SignJWT({ iss: url, aud: 'roster-of-the-test', sub, iat: now, exp: now + 60, ...claims })
        .setProtectedHeader({ typ: 'at+jwt', ...(header as { typ?: string }), alg: signing.alg, kid: signing.kid })
        .sign(signing.privateKey);
    },
  };
  const first = spareKeys.pop() ?? (await makeKey('RS256'));
  onTestFinished(() => void spareKeys.push(first));
  signWith('RS256', first);
  return issuer;
}
