import type { HttpResponse } from '../http-messages.ts';
import { authenticateWithPassword } from '../users/authenticate.ts';
import { oneOf } from '../users/fields.ts';
import { parseInput, required, requireFields } from '../users/input.ts';
import { assertNoIssues, Malformed } from '../users/malformed.ts';
import { type Call, json } from './call.ts';
import { presentUser, signInFields, toInput, unusedOnSignIn } from './wire.ts';

const fieldRules = {
  grantType: required(oneOf('password')),
  clientId: required(parseString),
  clientSecret: required(parseString),
  email: required(parseString),
  password: required(parseString),
};

function parseString(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new Malformed('invalid_request_parameters', 'Expected a string.');
}

/**
 * `POST /user_management/authenticate` with a password. The SDKs send their key in the body and in a header; the one in the
 * body counts (RFC 6749, section 2.3.1), and the header where the body has none.
 */
export async function answerAuthenticate({ app, authenticate, body }: Call): Promise<HttpResponse> {
  const input = toInput(await body(), signInFields, unusedOnSignIn);
  const principal = await authenticate(secretOf(input));
  const { fields, issues } = parseInput(fieldRules, input);
  requireFields(['grantType', 'email', 'password'], fields, issues);
  assertNoIssues(issues);
  const { email, password } = fields as { email: string; password: string };
  const user = await authenticateWithPassword(app, principal.id, { email, password });
  return json(200, { user: presentUser(user), authentication_method: 'Password' });
}

function secretOf(input: unknown): string | undefined {
  const secret = (input as { clientSecret?: unknown } | null)?.clientSecret;
  return typeof secret === 'string' ? secret : undefined;
}
