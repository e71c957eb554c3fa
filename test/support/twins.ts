import { onTestFinished } from 'vitest';
import { createTestApp, type TestApp } from './app.ts';
import { newTestDatabase } from './processes.ts';

export interface Twins {
  readonly sqlite: TestApp;
  readonly postgresql: TestApp;
}

/** The same service over each of the databases, with clocks that go on with each request and so show the same times. Closed after the test. */
export async function createTwins(): Promise<Twins> {
  const { url } = newTestDatabase({ isMigrated: true });
  const twins = { sqlite: await createTestApp({ DATABASE_URL: url }), postgresql: await createTestApp() };
  for (const twin of [twins.sqlite, twins.postgresql]) {
    onTestFinished(twin.close);
    const { fetch } = twin;
    let ticks = 0;
    Object.assign(twin, {
      fetch: (...request: Parameters<typeof fetch>) => {
        ticks += 1;
        return fetch(...request);
      },
    });
    // An odd number of milliseconds, so that every digit of a time is seen.
    Object.assign(twin.app, { now: () => new Date(Date.UTC(2026, 0, 15, 12) + ticks * 1237) });
  }
  return twins;
}

export interface Ask {
  /** What the answers to earlier requests called the users, in the order in which they appeared. */
  readonly ids: readonly string[];
  graphql(document: string, variables?: object): Promise<unknown>;
  rest(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<unknown>;
}

/** Speaks to one of the twins and answers what a client sees, with `user#1` in the place of the first user's id and so on. */
export function speakTo(twin: TestApp): Ask {
  const known: Record<string, string[]> = { user: [], identity: [] };

  function mask(text: string): string {
    return text.replace(/\b(user|identity)_[0-9A-Z]{26}\b/g, (id, kind: string) => {
      const ids = known[kind] ?? [];
      if (!ids.includes(id)) ids.push(id);
      return `${kind}#${ids.indexOf(id) + 1}`;
    });
  }

  async function see(response: Response): Promise<unknown> {
    const { status, headers } = response;
    const text = mask(await response.text()).replace(/"requestId":"[^"]*"/g, '"requestId":""');
    const [etag, retryAfter] = [headers.get('etag'), headers.get('retry-after')];
    return { status, etag, retryAfter, body: text };
  }

  return {
    get ids() {
      return [...(known.user ?? []), ...(known.identity ?? [])];
    },
    async graphql(document, variables) {
      return see(
        await twin.fetch('/graphql', {
          method: 'POST',
          headers: headersOf(twin),
          body: JSON.stringify({ query: document, variables }),
        }),
      );
    },
    async rest(method, path, body, headers = {}) {
      const init = {
        method,
        headers: { ...headersOf(twin), ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      };
      return see(await twin.fetch(path, init));
    },
  };
}

function headersOf({ key }: TestApp) {
  return { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
}
