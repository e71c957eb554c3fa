import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { ClientError, GraphQLClient } from 'graphql-request';
import { Refresh, SignIn } from './operations.ts';

/**
 * The access token lives in memory and is gone with the page. The refresh token is in the tab's sessionStorage, so that a
 * reload does not sign the user out; a script that gets into the page could read it there, so keep foreign scripts out.
 */
let accessToken: string | null = null;
const storageKey = 'roster.refreshToken';

const client = new GraphQLClient(`${location.origin}/graphql`);

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

function keep(tokens: Tokens): void {
  accessToken = tokens.accessToken;
  sessionStorage.setItem(storageKey, tokens.refreshToken);
}

/** Forgets the tokens. */
export function forget(): void {
  accessToken = null;
  sessionStorage.removeItem(storageKey);
}

export function hasSession(): boolean {
  return sessionStorage.getItem(storageKey) !== null;
}

/** The id of the session: the claim `sid` of the access token. */
export function ownSessionId(): string | null {
  const [, payload] = accessToken?.split('.') ?? [];
  return payload ? JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))).sid : null;
}

export async function signIn(email: string, password: string): Promise<void> {
  keep((await client.request(SignIn, { email, password })).authenticateWithPassword);
}

let refreshing: Promise<boolean> | null = null;

/** A refresh token counts once, and one that comes twice ends the session: so everybody waits for one refresh. */
function refresh(): Promise<boolean> {
  refreshing ??= exchange().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function exchange(): Promise<boolean> {
  const refreshToken = sessionStorage.getItem(storageKey);
  if (!refreshToken) return false;
  try {
    keep((await client.request(Refresh, { refreshToken })).refreshSession);
    return true;
  } catch (error) {
    if (codeOf(error) === 'INVALID_GRANT') forget();
    return false; // for any other reason the token is still good: too many requests, a server that is away
  }
}

/** Asks as the signed-in user; with a new access token where the old one is refused. */
export async function ask<Data, Variables extends object>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  if (!accessToken) await refresh();
  try {
    return await request(document, variables);
  } catch (error) {
    if (codeOf(error) !== 'UNAUTHORIZED' || !(await refresh())) throw error;
    return request(document, variables);
  }
}

function request<Data, Variables extends object>(document: TypedDocumentNode<Data, Variables>, variables: Variables) {
  const headers = accessToken ? { authorization: `Bearer ${accessToken}` } : {};
  return client.request<Data>({ document, variables, requestHeaders: headers });
}

export function codeOf(error: unknown): string | undefined {
  const code = error instanceof ClientError && error.response.errors?.[0]?.extensions.code;
  return typeof code === 'string' ? code : undefined;
}
