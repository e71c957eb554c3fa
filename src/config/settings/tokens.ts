import { z } from 'zod';
import { integer } from '../setting-rules.ts';

export const tokenSettings = {
  SIGNING_KEY_SECRET: z
    .string()
    .min(32, 'expected at least 32 characters; `openssl rand -base64 32` makes some')
    .optional()
    .describe(
      'Encrypts the private keys of access tokens in the database: at least 32 characters, the same in every process. `production` does not start without it; elsewhere a well-known one is used.',
    ),
  TOKEN_ALGORITHM: z
    .enum(['ES256', 'RS256'])
    .default('ES256')
    .describe(
      'What access tokens are signed with. The session helpers of WorkOS’s SDKs for Python, Ruby, PHP and Kotlin accept `RS256` alone. A start with another one makes a key of it; tokens signed before stay valid until they expire.',
    ),
  TOKEN_ISSUER: z.string().min(1).default('http://localhost:4000').describe('The `iss` of access tokens.'),
  TOKEN_AUDIENCE: z.string().min(1).default('roster').describe('The `aud` of access tokens.'),
  AUTH_ISSUER: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The `iss` of another service whose tokens are accepted too. Their `sub` is the `externalId` of a user. Unset: none.',
    ),
  AUTH_AUDIENCE: z.string().min(1).optional().describe('The `aud` that its tokens must have. With `AUTH_ISSUER`.'),
  AUTH_JWKS_URL: z
    .url('expected https://…')
    .regex(/^https:\/\/|^http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/]/, 'expected https://…')
    .optional()
    .describe('Where its public keys are: a JSON Web Key Set. With `AUTH_ISSUER`.'),
  AUTH_TOKEN_TYPE: z
    .enum(['at+jwt', 'JWT'])
    .default('at+jwt')
    .describe(
      'The `typ` in the header of its access tokens. `JWT`, for issuers that do not follow RFC 9068, takes `JWT` or none as well.',
    ),
  AUTH_TOKEN_MAX_AGE_SECONDS: integer(1, 31_536_000)
    .default(86_400)
    .describe('How long one of its tokens may be valid, from `iat` to `exp`; a longer one is refused.'),
};
