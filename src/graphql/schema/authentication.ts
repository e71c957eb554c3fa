import { queryFromInfo } from '@pothos/plugin-prisma';
import type { GraphQLResolveInfo } from 'graphql';
import type { UserQuery } from '../../db/user-query.ts';
import { DomainError } from '../../errors.ts';
import type { Authentication as Grant } from '../../sessions/authentication.ts';
import { type ClientMetadata, describeClient } from '../../sessions/client-metadata.ts';
import { refreshSession } from '../../sessions/refresh.ts';
import { requestSignInCode } from '../../users/requested-sign-in-code.ts';
import { authenticateWithPassword } from '../../users/sign-in.ts';
import { authenticateWithEmailVerification } from '../../users/sign-in-after-verification.ts';
import { authenticateWithCode } from '../../users/sign-in-with-code.ts';
import type { GraphQLContext } from '../context.ts';
import { builder } from './builder.ts';
import { User } from './user.ts';

const Authentication = builder.objectRef<Grant>('Authentication').implement({
  description: 'A user who is signed in, and the tokens to go on with.',
  fields: (t) => ({
    user: t.field({ type: User, description: 'The user.', resolve: ({ user }) => user }),
    accessToken: t.exposeString('accessToken', {
      description:
        'Proves for five minutes who the user is: a JWT, signed with ES256 or, where that is set, RS256; the public keys are at `/.well-known/jwks.json`. Send it as `Authorization: Bearer …`. Its `sub` is the id of the user, its `sid` that of the session.',
    }),
    accessTokenExpiresIn: t.exposeInt('accessTokenExpiresIn', {
      description: 'In how many seconds the access token expires.',
    }),
    refreshToken: t.exposeString('refreshToken', {
      description:
        'Gets the next access token by `refreshSession`. It counts once, so keep the one that comes back. Keep it as safe as a password.',
    }),
  }),
});

const ipAddressArg = {
  description:
    'From a backend, with its API key: the address that the user signs in from. Wrong passwords and codes then count against its network, so that nobody who guesses at your sign-in page keeps the others out.',
};
const userAgentArg = {
  description: "From a backend, with its API key: the `User-Agent` of the user's browser or app.",
};

builder.mutationFields((t) => ({
  authenticateWithPassword: t.field({
    type: Authentication,
    description:
      'Signs a user in: checks the password, starts a session, sets `lastSignInAt`, and neither `updatedAt` nor `version`. Needs no API key. A wrong password, an unknown address and a user without password get one and the same `INVALID_CREDENTIALS`. After a right password, an address that is not verified gets `EMAIL_VERIFICATION_REQUIRED` with `email`, `emailVerificationId` and `pendingAuthenticationToken`: a code was mailed there, which `authenticateWithEmailVerification` takes. Too many wrong ones get `RATE_LIMITED` with `retryAfterSeconds`.',
    args: {
      email: t.arg({ type: 'EmailAddress', required: true, description: 'The address of the user, in any case.' }),
      password: t.arg.string({ required: true, description: 'The password, exactly as it was typed.' }),
      ipAddress: t.arg.string(ipAddressArg),
      userAgent: t.arg.string(userAgentArg),
    },
    resolve: (_root, { email, password, ...reported }, context, info) =>
      authenticateWithPassword(
        context.app,
        context.principal,
        { email, password },
        clientOf(context, reported),
        queryOf(context, info),
      ),
  }),
  requestSignInCode: t.boolean({
    description:
      'Has a code mailed that signs in the user of this address by `authenticateWithCode`. Needs no API key, and answers `true` whether or not somebody has the address; it makes no user. Codes that are asked for too often get `DAILY_QUOTA_EXCEEDED` with `retryAfterSeconds`.',
    args: {
      email: t.arg({ type: 'EmailAddress', required: true, description: 'The address of the user, in any case.' }),
    },
    resolve: (_root, { email }, { app, principal }) => requestSignInCode(app, principal, email),
  }),
  authenticateWithCode: t.field({
    type: Authentication,
    description:
      'Signs a user in by the code that was mailed to them, and verifies their address. Where nobody had verified it, somebody else may have registered it before: the password, unless it was imported, the sessions and the identities of other addresses go. Needs no API key. A wrong code gets `INVALID_ONE_TIME_CODE`, also where nobody has the address; after five, `ONE_TIME_CODE_TOO_MANY_ATTEMPTS`: ask for a new one.',
    args: {
      email: t.arg({ type: 'EmailAddress', required: true, description: 'The address that the code was mailed to.' }),
      code: t.arg.string({ required: true, description: 'The six digits. Spaces and dashes do not count.' }),
      ipAddress: t.arg.string(ipAddressArg),
      userAgent: t.arg.string(userAgentArg),
    },
    resolve: (_root, { email, code, ...reported }, context, info) =>
      authenticateWithCode(
        context.app,
        context.principal,
        { email, code },
        clientOf(context, reported),
        queryOf(context, info),
      ),
  }),
  authenticateWithEmailVerification: t.field({
    type: Authentication,
    description:
      'Goes on with a sign-in that got `EMAIL_VERIFICATION_REQUIRED`: verifies the address by the code that was mailed there, and signs the user in. The token is good for ten minutes and counts once.',
    args: {
      code: t.arg.string({ required: true, description: 'The six digits. Spaces and dashes do not count.' }),
      pendingAuthenticationToken: t.arg.string({ required: true, description: 'The token that came with the error.' }),
      ipAddress: t.arg.string(ipAddressArg),
      userAgent: t.arg.string(userAgentArg),
    },
    resolve: (_root, { code, pendingAuthenticationToken, ...reported }, context, info) =>
      authenticateWithEmailVerification(
        context.app,
        context.principal,
        { code, pendingAuthenticationToken },
        clientOf(context, reported),
        queryOf(context, info),
      ),
  }),
  refreshSession: t.field({
    type: Authentication,
    description:
      'Goes on with a session: exchanges a refresh token for a new access token and the next refresh token. Needs no API key. A refresh token that is unknown, was used before, or whose session has ended gets `INVALID_GRANT`: the user must sign in again. When a used one comes again, somebody else may have it, so its session is revoked. Never send one twice, and from several tabs or processes only one at a time; where the server is set to allow a short grace, the same token gets the same next one in it.',
    args: { refreshToken: t.arg.string({ required: true, description: 'The newest refresh token of the session.' }) },
    resolve: (_root, { refreshToken }, context, info) =>
      refreshSession(context.app, refreshToken, queryOf(context, info)),
  }),
}));

interface ReportedClient {
  readonly ipAddress?: string | null | undefined;
  readonly userAgent?: string | null | undefined;
}

/** A backend says where its user is; anybody else could say what they like, so they are where their request comes from. */
function clientOf({ principal, client }: GraphQLContext, reported: ReportedClient): ClientMetadata {
  if (principal.kind === 'api-key') return describeClient(reported.ipAddress, reported.userAgent);
  const field = (['ipAddress', 'userAgent'] as const).find((name) => reported[name] != null);
  if (!field) return client;
  throw new DomainError('forbidden', 'Only a backend, with its API key, says where a user signs in from.', { field });
}

/** What the document asks of the user. */
function queryOf(context: GraphQLContext, info: GraphQLResolveInfo): UserQuery {
  return queryFromInfo({ context, info, typeName: 'User', path: ['user'] }) as UserQuery;
}
