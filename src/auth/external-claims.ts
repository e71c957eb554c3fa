import type { JWTPayload } from 'jose';
import type { Config } from '../config/settings.ts';
import { findMistypedClaim } from '../input/claim-types.ts';

export type TokenPolicy = Pick<Config, 'AUTH_TOKEN_TYPE' | 'AUTH_TOKEN_MAX_AGE_SECONDS'>;

/**
 * What only other tokens have: ID tokens (OpenID Connect Core, sections 2 and 3.3.2.11; FAPI), logout tokens and further
 * security event tokens (RFC 8417, section 2.2), and answers to an introspection (RFC 9701). The issuer signs them with
 * the same keys, and an ID token may have the same audience.
 */
const foreignClaims = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events', 'toe', 'token_introspection'];

/** Claims by which some issuers say what a token is for, in lower case, where its header does not. */
const purposes: Readonly<Record<string, readonly string[]>> = {
  token_use: ['access'], // Amazon Cognito
  typ: ['bearer', 'jwt', 'at+jwt'], // Keycloak
};

/**
 * Why a token with a good signature is no access token, in words that name the setting to look at and nothing of the token
 * but names of claims; null for an access token.
 */
export function findTokenProblem(type: unknown, claims: JWTPayload, policy: TokenPolicy): string | null {
  if (!isAccessTokenType(type, policy)) {
    return `its header \`typ\` is not what AUTH_TOKEN_TYPE (${policy.AUTH_TOKEN_TYPE}) asks for`;
  }
  const mistyped = findMistypedClaim(claims);
  if (mistyped) return `its claim ${mistyped} has the wrong type`;
  const foreign = foreignClaims.find((name) => claims[name] !== undefined);
  if (foreign) return `it has the claim ${foreign}, so it is no access token`;
  const other = Object.keys(purposes).find((name) => isOtherPurpose(name, claims[name]));
  if (other) return `its claim ${other} says that it is no access token`;
  const lifetime = Number(claims.exp) - Number(claims.iat);
  return lifetime <= policy.AUTH_TOKEN_MAX_AGE_SECONDS ? null : 'it lives longer than AUTH_TOKEN_MAX_AGE_SECONDS';
}

/**
 * RFC 9068, section 4: `at+jwt`, also as a media type, which has no case. By choice also what issuers without that profile
 * send: `JWT`, or nothing (RFC 7519, section 5.1).
 */
function isAccessTokenType(type: unknown, { AUTH_TOKEN_TYPE }: TokenPolicy): boolean {
  if (type === undefined) return AUTH_TOKEN_TYPE === 'JWT';
  if (typeof type !== 'string') return false;
  const name = type.toLowerCase().replace(/^application\//, '');
  return name === 'at+jwt' || (name === 'jwt' && AUTH_TOKEN_TYPE === 'JWT');
}

function isOtherPurpose(name: string, value: unknown): boolean {
  return value !== undefined && !(typeof value === 'string' && purposes[name]?.includes(value.toLowerCase()));
}
