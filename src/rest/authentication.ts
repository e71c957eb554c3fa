import { clearable, type Parsed, parseInput, required, requireFields } from '../input/input-rules.ts';
import { assertNoIssues } from '../input/validation-errors.ts';
import type { Principal } from '../principal/principal.ts';
import type { HttpResponse } from '../request/messages.ts';
import type { Authentication } from '../sessions/authentication.ts';
import { describeClient } from '../sessions/client-metadata.ts';
import { refreshSession } from '../sessions/refresh.ts';
import { oneOf } from '../users/fields.ts';
import { authenticateWithPassword } from '../users/sign-in.ts';
import { parseString } from './bodies.ts';
import { toInput } from './body-input.ts';
import { type Call, json } from './call.ts';
import type { RestApp } from './rest-app.ts';
import { grantFields, presentUser, unusedOnGrant } from './wire.ts';

const commonRules = {
  grantType: required(oneOf('password', 'refresh_token')),
  clientId: required(parseString),
  clientSecret: required(parseString),
};
/** What is only shown to people is never a reason to refuse a sign-in. */
const anything = clearable((value: unknown) => value);
const passwordRules = {
  ...commonRules,
  email: required(parseString),
  password: required(parseString),
  ipAddress: anything,
  userAgent: anything,
};
const refreshRules = { ...commonRules, refreshToken: required(parseString) };

/**
 * `POST /user_management/authenticate` with a password or a refresh token. The SDKs send their key in the body and in a
 * header; the one in the body counts (RFC 6749, section 2.3.1), and the header where the body has none.
 */
export async function answerAuthenticate({ app, authenticate, body, userAgent }: Call): Promise<HttpResponse> {
  const given = await body();
  const principal = await authenticate(secretOf(given));
  const grant = parseGrant(given);
  const input = toInput(given, { fields: grantFields[grant], unused: unusedOnGrant[grant], userAgent });
  const { user, session, accessToken, refreshToken } =
    grant === 'password' ? await signIn(app, principal, input) : await refresh(app, input);
  return json(200, {
    user: presentUser(user),
    access_token: accessToken,
    refresh_token: refreshToken,
    authentication_method: methodNames[session.authMethod],
  });
}

/** WorkOS's names here differ from those of a session. */
const methodNames: Record<string, string> = { password: 'Password' };

/** What else is needed depends on the grant: nothing more is told of a request whose grant is missing or unknown. */
function parseGrant(body: unknown): keyof typeof grantFields {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  const given = isObject ? { grantType: (body as { grant_type?: unknown }).grant_type ?? undefined } : body;
  const { fields, issues } = parseInput({ grantType: commonRules.grantType }, given);
  requireFields(['grantType'], fields, issues);
  assertNoIssues(issues);
  return fields.grantType as keyof typeof grantFields;
}

async function signIn(app: RestApp, principal: Principal, input: unknown): Promise<Authentication> {
  const { fields, issues } = parseInput(passwordRules, input);
  requireFields(['email', 'password'], fields, issues);
  assertNoIssues(issues);
  const { email, password, ipAddress, userAgent } = fields as Required<Parsed<typeof passwordRules>>;
  return authenticateWithPassword(app, principal, { email, password }, describeClient(ipAddress, userAgent));
}

async function refresh(app: RestApp, input: unknown): Promise<Authentication> {
  const { fields, issues } = parseInput(refreshRules, input);
  requireFields(['refreshToken'], fields, issues);
  assertNoIssues(issues);
  return refreshSession(app, fields.refreshToken as string);
}

function secretOf(body: unknown): string | undefined {
  const secret = (body as { client_secret?: unknown } | null)?.client_secret;
  return typeof secret === 'string' ? secret : undefined;
}
