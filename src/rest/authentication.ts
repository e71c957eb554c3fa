import { clearable, type FieldRule, type Parsed, parseInput, required, requireFields } from '../input/input-rules.ts';
import { assertNoIssues } from '../input/validation-errors.ts';
import type { Principal } from '../principal/principal.ts';
import type { HttpResponse } from '../request/messages.ts';
import type { Authentication } from '../sessions/authentication.ts';
import { describeClient } from '../sessions/client-metadata.ts';
import { refreshSession } from '../sessions/refresh.ts';
import { oneOf } from '../users/fields.ts';
import { authenticateWithPassword } from '../users/sign-in.ts';
import { authenticateWithEmailVerification } from '../users/sign-in-after-verification.ts';
import { authenticateWithCode } from '../users/sign-in-with-code.ts';
import { parseString } from './bodies.ts';
import { toInput } from './body-input.ts';
import { type Call, json } from './call.ts';
import type { RestApp } from './rest-app.ts';
import { presentUser } from './wire.ts';
import { codeGrant, grantFields, unusedOnGrant, verificationGrant } from './wire-grants.ts';

type Grant = keyof typeof grantFields;

const commonRules = {
  grantType: required(oneOf('password', 'refresh_token', codeGrant, verificationGrant)),
  clientId: required(parseString),
  clientSecret: required(parseString),
};
/** What is only shown to people is never a reason to refuse a sign-in. */
const anything = clearable((value: unknown) => value);
const clientRules = { ipAddress: anything, userAgent: anything };
const text = required(parseString);

/** What each grant needs to be given, and how it is signed in by. */
const grants: Readonly<Record<Grant, (app: RestApp, principal: Principal, input: unknown) => Promise<Authentication>>> =
  {
    password(app, principal, input) {
      const { email, password, client } = read({ email: text, password: text }, input);
      return authenticateWithPassword(app, principal, { email, password }, client);
    },
    [codeGrant](app, principal, input) {
      const { email, code, client } = read({ email: text, code: text }, input);
      return authenticateWithCode(app, principal, { email, code }, client);
    },
    [verificationGrant](app, principal, input) {
      const { client, ...given } = read({ code: text, pendingAuthenticationToken: text }, input);
      return authenticateWithEmailVerification(app, principal, given, client);
    },
    refresh_token(app, _principal, input) {
      return refreshSession(app, read({ refreshToken: text }, input).refreshToken);
    },
  };

/**
 * `POST /user_management/authenticate` with a password, a code or a refresh token. The SDKs send their key in the body and in a
 * header; the one in the body counts (RFC 6749, section 2.3.1), and the header where the body has none.
 */
export async function answerAuthenticate({ app, authenticate, body, userAgent }: Call): Promise<HttpResponse> {
  const given = await body();
  const principal = await authenticate(secretOf(given));
  const grant = parseGrant(given);
  const input = toInput(given, { fields: grantFields[grant], unused: unusedOnGrant[grant], userAgent });
  const { user, session, accessToken, refreshToken } = await grants[grant](app, principal, input);
  return json(200, {
    user: presentUser(user),
    access_token: accessToken,
    refresh_token: refreshToken,
    authentication_method: methodNames[session.authMethod],
  });
}

/** WorkOS's names here differ from those of a session. */
const methodNames: Record<string, string> = { password: 'Password', magic_code: 'MagicAuth' };

/** What else is needed depends on the grant: nothing more is told of a request whose grant is missing or unknown. */
function parseGrant(body: unknown): Grant {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  const given = isObject ? { grantType: (body as { grant_type?: unknown }).grant_type ?? undefined } : body;
  const { fields, issues } = parseInput({ grantType: commonRules.grantType }, given);
  requireFields(['grantType'], fields, issues);
  assertNoIssues(issues);
  return fields.grantType as Grant;
}

/** What a grant needs, all of it required, and where its user signs in from. */
function read<Rules extends Record<string, FieldRule<string, false>>>(rules: Rules, input: unknown) {
  const { fields, issues } = parseInput({ ...commonRules, ...clientRules, ...rules }, input);
  requireFields(Object.keys(rules), fields, issues);
  assertNoIssues(issues);
  const { ipAddress, userAgent } = fields as Parsed<typeof clientRules>;
  return { ...(fields as Record<keyof Rules, string>), client: describeClient(ipAddress, userAgent) };
}

function secretOf(body: unknown): string | undefined {
  const secret = (body as { client_secret?: unknown } | null)?.client_secret;
  return typeof secret === 'string' ? secret : undefined;
}
