import { randomUUID } from 'node:crypto';
import { errors, type JWTHeaderParameters, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { Session } from '../db/database.ts';
import { findMistypedClaim } from '../input/claim-types.ts';
import type { TokenHolder } from '../principal/principal.ts';
import { invalidToken } from '../principal/unauthorized.ts';
import type { VerificationKey } from '../signing-keys/key-cache.ts';
import type { Signer } from '../signing-keys/signing-keys.ts';
import { accessTokenSeconds, clockToleranceSeconds } from '../signing-keys/token-times.ts';
import { statusOf } from './find.ts';
import type { SessionsApp } from './sessions-app.ts';

/** RFC 9068, section 2.1: so no other JWT of the same issuer passes for an access token. */
const type = 'at+jwt';
const ownClaims = ['sub', 'sid', 'iat', 'exp', 'jti'];

/** An access token of this session, valid for five minutes from now. */
export function issueAccessToken(app: SessionsApp, signer: Signer, session: Session): Promise<string> {
  const issuedAt = Math.floor(app.now().getTime() / 1000);
  return new SignJWT({ sid: session.id })
    .setProtectedHeader({ alg: signer.algorithm, typ: type, kid: signer.id })
    .setSubject(session.userId)
    .setIssuer(app.config.TOKEN_ISSUER)
    .setAudience(app.config.TOKEN_AUDIENCE)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + accessTokenSeconds)
    .setJti(randomUUID())
    .sign(signer.privateKey);
}

/** The user of an access token whose session is active at this moment; throws `unauthorized`. */
export async function verifyAccessToken(app: SessionsApp, token: string): Promise<TokenHolder> {
  const { sub, sid, exp } = await readClaims(app, token);
  const session = await app.db.reader.session.findUnique({ where: { id: sid } });
  if (!session || session.userId !== sub || statusOf(session, app.now()) !== 'active') throw invalidToken();
  return { userId: sub, sessionId: sid, expiresAt: new Date(exp * 1000) };
}

type OwnClaims = JWTPayload & { sub: string; sid: string; exp: number };

/** The claims of a token of Roster's own, of which a user's id and a session's are texts. */
async function readClaims(app: SessionsApp, token: string): Promise<OwnClaims> {
  const now = app.now();
  try {
    const { payload } = await jwtVerify(token, (header) => findKey(app, header, now), {
      typ: type,
      issuer: app.config.TOKEN_ISSUER,
      audience: app.config.TOKEN_AUDIENCE,
      requiredClaims: ownClaims,
      maxTokenAge: accessTokenSeconds, // refuses one of the future too
      clockTolerance: clockToleranceSeconds,
      currentDate: now,
    });
    if (findMistypedClaim(payload) !== null) throw invalidToken();
    return payload as OwnClaims;
  } catch (error) {
    throw error instanceof errors.JOSEError ? invalidToken() : error;
  }
}

/** The key that the token names, which must be signed with the algorithm of that key and no other (RFC 8725, section 3.1). */
async function findKey(
  app: SessionsApp,
  { alg, kid }: JWTHeaderParameters,
  now: Date,
): Promise<VerificationKey['key']> {
  const known = typeof kid === 'string' ? await app.signingKeys.find(kid, now) : null;
  if (!known || known.algorithm !== alg) throw invalidToken();
  return known.key;
}
