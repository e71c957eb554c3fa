import { Client, fetchExchange } from 'urql';
import { claimStorage } from './one-tab.ts';
import { Refresh } from './operations.ts';

/** Beside the page, where a proxy leads to Roster; elsewhere only if Roster's CORS_ORIGINS names the page's origin. */
export const rosterUrl: string = import.meta.env.VITE_GRAPHQL_URL ?? '/graphql';

/** For what needs no credentials: the ways to sign in, and a refresh. */
export const anonymous = new Client({ url: rosterUrl, exchanges: [fetchExchange], preferGetMethod: false });

export interface Tokens {
  readonly accessToken: string;
  readonly accessTokenExpiresIn: number;
  readonly refreshToken: string;
}

interface AccessToken {
  readonly value: string;
  readonly expiresAtMs: number;
}

export type SessionState =
  | { readonly status: 'signed in' }
  /** `notice`: why, where it was not the user who wished it. */
  | { readonly status: 'signed out'; readonly notice?: string };

/**
 * The access token is in memory alone: it proves for five minutes who the user is, and a reload gets the next one.
 *
 * The refresh token has to survive a reload, so it is in `sessionStorage`. The trade-off: a script that somebody smuggles
 * into the page can read it there, which it could not do with an HttpOnly cookie; but that takes a backend of one's own
 * between page and Roster. Unlike `localStorage` it belongs to one tab and goes with it, so no two tabs ever share a
 * token that counts once.
 */
let access: AccessToken | null = null;
const keptAt = 'roster refresh token';

let state: SessionState = { status: sessionStorage.getItem(keptAt) ? 'signed in' : 'signed out' };
const listeners = new Set<() => void>();

export const getState = (): SessionState => state;

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function setState(next: SessionState): void {
  state = next;
  for (const listener of listeners) listener();
}

/** The access token, or null when there is none that will live long enough for a request. */
export function getAccessToken(): string | null {
  const enoughMs = 5_000;
  return access && access.expiresAtMs > Date.now() + enoughMs ? access.value : null;
}

/** Begins a session whose tokens came in. */
export async function enter(tokens: Tokens): Promise<void> {
  await claimStorage();
  keep(tokens);
  setState({ status: 'signed in' });
}

let refreshing: Promise<void> | null = null;

/** Gets the next tokens. Whoever asks while that is under way waits for the same answer: a refresh token counts once. */
export function refresh(): Promise<void> {
  refreshing ??= exchangeRefreshToken().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

/**
 * A refresh token that comes twice ends its session: Roster takes the second one for a thief's. So it is taken out of
 * the storage before it is sent. When the answer never comes, nobody knows whether it was used, and the user signs in
 * again; when Roster says that it did nothing (`RATE_LIMITED`, `SERVICE_UNAVAILABLE`), it is put back.
 */
async function exchangeRefreshToken(): Promise<void> {
  const refreshToken = sessionStorage.getItem(keptAt);
  sessionStorage.removeItem(keptAt);
  access = null;
  if (!refreshToken || !(await claimStorage())) return giveUp();
  const { data, error } = await anonymous.mutation(Refresh, { refreshToken });
  if (data) return keep(data.refreshSession);
  const code = error?.graphQLErrors[0]?.extensions.code;
  if (code !== 'RATE_LIMITED' && code !== 'SERVICE_UNAVAILABLE') return giveUp();
  sessionStorage.setItem(keptAt, refreshToken);
  throw error;
}

function giveUp(): never {
  forget(sessionEnded);
  throw new Error(sessionEnded);
}

export const sessionEnded = 'Your session has ended. Please sign in again.';

/** Shows the sign-in, and there why. */
export function showSignIn(notice: string): void {
  setState({ status: 'signed out', notice });
}

/** Forgets the tokens and goes back to the sign-in. Of several reasons the first one is shown. */
export function forget(notice?: string): void {
  access = null;
  sessionStorage.removeItem(keptAt);
  if (state.status === 'signed in') setState({ status: 'signed out', ...(notice && { notice }) });
}

/** Which of the user's sessions is this one. Only to show it: that the token is genuine, Roster checks. */
export function getSessionId(): string | null {
  const claims = access?.value.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/');
  return claims ? JSON.parse(atob(claims)).sid : null;
}

function keep({ accessToken, accessTokenExpiresIn, refreshToken }: Tokens): void {
  access = { value: accessToken, expiresAtMs: Date.now() + accessTokenExpiresIn * 1000 };
  sessionStorage.setItem(keptAt, refreshToken);
}
