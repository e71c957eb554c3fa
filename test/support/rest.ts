import { WorkOS } from '@workos-inc/node';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { startTestServer, type TestServer } from './server.ts';
import {
  deliberateDifferences,
  differencesOfTheEarlyOne,
  type Exchange,
  judge,
  ownJudge,
  workosJudges,
} from './workos-openapi.ts';

export interface RestServer {
  server: TestServer;
  /** WorkOS's own client, pointed at Roster. */
  workos: WorkOS;
  /** Every answer of the test so far. */
  exchanges: Exchange[];
  /** The answers that WorkOS's newest document at hand does not have. */
  differences: string[];
}

/**
 * A real server, and the real SDK, for all tests of a file. Every answer of every test is held against WorkOS's OpenAPI
 * documents and our own, and must have an `X-Request-ID`.
 */
export function useRestServer(settings: Record<string, string> = {}): RestServer {
  const t = { exchanges: [], differences: [] } as unknown as RestServer;

  beforeAll(async () => {
    t.server = await startTestServer(settings);
    t.workos = createWorkOS(t, t.server.key);
  });
  afterAll(() => t.server.close());
  afterEach(() => {
    const exchanges = t.exchanges.splice(0);
    for (const exchange of exchanges) expect(judge(ownJudge, exchange), JSON.stringify(exchange)).toBeNull();
    for (const workos of workosJudges) {
      const theirs = exchanges.filter(({ path }) => !path.endsWith('?dry_run=true')); // WorkOS has none
      const found = theirs.map((exchange) => judge(workos, exchange)).filter((difference) => difference !== null);
      const known = [...deliberateDifferences, ...(workos.name === '0.1.0' ? differencesOfTheEarlyOne : [])];
      expect(found.filter((difference) => !known.includes(difference))).toEqual([]);
      if (workos === workosJudges.at(-1)) t.differences.push(...found);
    }
  });
  return t;
}

/** The real SDK. It takes the `fetch` that is there when it is made, so that its answers can be listened to. */
export function createWorkOS(t: RestServer, key: string, Client = WorkOS): WorkOS {
  const { hostname, port } = new URL(t.server.url);
  const original = globalThis.fetch;
  globalThis.fetch = (input, init) => listen(t, original, String(input), init);
  try {
    return new Client(key, { apiHostname: hostname, port: Number(port), https: false, clientId: 'client_any' });
  } finally {
    globalThis.fetch = original;
  }
}

/** Any request over real HTTP, with a valid key and as JSON unless it says otherwise. */
export async function request(t: RestServer, method: string, path: string, init: RawRequest = {}): Promise<RawAnswer> {
  const { body, headers = {}, json } = init;
  const response = await listen(t, globalThis.fetch, `${t.server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${t.server.key}`, 'content-type': 'application/json', ...headers },
    ...(json !== undefined && { body: JSON.stringify(json) }),
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text === '' ? undefined : JSON.parse(text) };
}

export interface RawRequest {
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly json?: unknown;
  readonly headers?: Record<string, string>;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server answered
  readonly body: any;
}

async function listen(t: RestServer, fetch: typeof globalThis.fetch, url: string, init: RequestInit = {}) {
  const response = await fetch(url, init);
  const text = await response.clone().text();
  const { pathname, search } = new URL(url);
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  t.exchanges.push({ method: init.method ?? 'GET', path: pathname + search, status: response.status, body });
  expect(response.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
  return response;
}
