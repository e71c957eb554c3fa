import type { CombinedError } from 'urql';
import {
  ConfirmPasswordReset,
  RequestPasswordReset,
  RequestSignInCode,
  SignIn,
  SignInAfterVerification,
  SignInWithCode,
} from './operations.ts';
import { anonymous, enter, type Tokens } from './session.ts';

type Refusal = CombinedError | null;

/** A sign-in whose password was right, and which waits for the code that was mailed to the address. */
export interface PendingSignIn {
  readonly email: string;
  readonly pendingAuthenticationToken: string;
}

/** Each answers null, or why Roster refused. */
export async function signIn(email: string, password: string): Promise<Refusal> {
  const { data, error } = await anonymous.mutation(SignIn, { email, password });
  return conclude(data?.authenticateWithPassword, error);
}

export async function signInWithCode(email: string, code: string): Promise<Refusal> {
  const { data, error } = await anonymous.mutation(SignInWithCode, { email, code });
  return conclude(data?.authenticateWithCode, error);
}

export async function signInAfterVerification(code: string, pendingAuthenticationToken: string): Promise<Refusal> {
  const { data, error } = await anonymous.mutation(SignInAfterVerification, { code, pendingAuthenticationToken });
  return conclude(data?.authenticateWithEmailVerification, error);
}

/** Roster answers the same for an address that nobody has, so the page cannot tell, and must not pretend to. */
export async function requestSignInCode(email: string): Promise<Refusal> {
  return (await anonymous.mutation(RequestSignInCode, { email })).error ?? null;
}

export async function requestPasswordReset(email: string): Promise<Refusal> {
  return (await anonymous.mutation(RequestPasswordReset, { email })).error ?? null;
}

export async function confirmPasswordReset(token: string, newPassword: string): Promise<Refusal> {
  return (await anonymous.mutation(ConfirmPasswordReset, { token, newPassword })).error ?? null;
}

/** What goes on with the sign-in, where a refusal says that it waits for a code. */
export function findPendingSignIn(refusal: Refusal): PendingSignIn | null {
  const { code, email, pendingAuthenticationToken } = (refusal?.graphQLErrors[0]?.extensions ?? {}) as Partial<
    PendingSignIn & { code: string }
  >;
  if (code !== 'EMAIL_VERIFICATION_REQUIRED' || !email || !pendingAuthenticationToken) return null;
  return { email, pendingAuthenticationToken };
}

async function conclude(tokens: Tokens | undefined, error: CombinedError | undefined): Promise<Refusal> {
  if (!tokens) return error ?? null;
  await enter(tokens);
  return null;
}
