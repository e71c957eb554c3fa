import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Logger } from 'pino';
import type { Config } from '../config/settings.ts';
import { DomainError } from '../errors.ts';
import { nowAndThen } from '../log/now-and-then.ts';
import { invalidToken } from '../principal/unauthorized.ts';
import { clockToleranceSeconds } from '../signing-keys/token-times.ts';
import { findTokenProblem } from './external-claims.ts';

/** Asymmetric ones only: with HMAC, whoever knows a public key could sign. */
const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'];

/** The key set is fetched again when it is so old; when it lacks the key of a token, once in this time. */
const cacheMs = 600_000;
const cooldownMs = 30_000;
const timeoutMs = 3000;
/** After a failed fetch, tokens are refused for so long without another. */
const failurePauseMs = 1000;

export interface ExternalIssuer {
  readonly issuer: string;
  /** The `sub` of a token of the issuer, and when it ends; throws `unauthorized`, and `service_unavailable` without its keys. */
  verify(token: string, now: Date): Promise<{ subject: string; expiresAt: Date }>;
}

/** The tokens of the external issuer; null where none is configured. */
export function createExternalIssuer(config: Config, log: Logger): ExternalIssuer | null {
  const { AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience, AUTH_JWKS_URL: url } = config;
  if (!issuer || !audience || !url) return null;
  const findKey = fetchKeys(url, log);
  const tell = tellProblems(log);
  const rules = {
    algorithms,
    issuer,
    audience,
    requiredClaims: ['sub', 'exp'],
    maxTokenAge: config.AUTH_TOKEN_MAX_AGE_SECONDS, // takes `iat`, and refuses a token of the future too
    clockTolerance: clockToleranceSeconds,
  };
  return {
    issuer,
    async verify(token, now) {
      try {
        const { payload, protectedHeader } = await jwtVerify(token, findKey, { ...rules, currentDate: now });
        const problem = findTokenProblem(protectedHeader.typ, payload, config);
        const { sub, exp } = payload as { sub: string; exp: number };
        if (problem === null) return { subject: sub, expiresAt: new Date(exp * 1000) };
        tell(problem);
      } catch (error) {
        if (!(error instanceof errors.JOSEError)) throw error;
        if (error instanceof errors.JWTClaimValidationFailed) tell(explain(error.claim));
      }
      throw invalidToken();
    },
  };
}

function explain(claim: string): string {
  return claim === 'aud'
    ? 'its claim aud is not AUTH_AUDIENCE'
    : `its claim ${claim} is missing, malformed or too early`;
}

/**
 * The log says why, where the signature is that of the issuer: then it is more likely a setting than an attack. Each reason
 * is told now and then, since one client may ask a thousand times.
 */
function tellProblems(log: Logger): (problem: string) => void {
  const tellers = new Map<string, () => void>();
  return (problem) => {
    const tell =
      tellers.get(problem) ??
      nowAndThen((count) => log.warn({ count }, `a token of the external issuer was refused: ${problem}`));
    tellers.set(problem, tell);
    tell();
  };
}

/** The key of a token from the issuer's key set. The log says once that it cannot be fetched, until it can. */
function fetchKeys(url: string, log: Logger): JWTVerifyGetKey {
  const keySet = createRemoteJWKSet(new URL(url), {
    cacheMaxAge: cacheMs,
    cooldownDuration: cooldownMs,
    timeoutDuration: timeoutMs,
  });
  let failedAt: number | null = null;

  return async (header, token) => {
    if (failedAt !== null && performance.now() - failedAt < failurePauseMs) throw keysUnavailable();
    try {
      const key = await keySet(header, token);
      failedAt = null;
      return key;
    } catch (error) {
      if (isTokensFault(error)) throw invalidToken();
      if (failedAt === null) log.warn({ err: error }, 'the keys of the external issuer cannot be fetched');
      failedAt = performance.now();
      throw keysUnavailable();
    }
  };
}

/** The key set is there, and has no key, or more than one, for what the token says of its key. */
function isTokensFault(error: unknown): boolean {
  return error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys;
}

function keysUnavailable(): DomainError {
  return new DomainError(
    'service_unavailable',
    'The keys of the issuer of this token cannot be fetched. Try again in a moment.',
    { retryAfterSeconds: 1 },
  );
}
