import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ LOG_LEVEL: 'silent' });
});
afterAll(() => server.close());

const audits = serverAudits({
  url: () => `${server.url}/graphql`,
  fetchFn: (url: string, init: RequestInit = {}) =>
    fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${server.key}` } }),
});

// https://graphql.github.io/graphql-over-http: what it only allows (MAY) is not asked for.
test.each(audits.filter(({ name }) => !name.startsWith('MAY')).map((audit) => [audit.name, audit.id, audit] as const))(
  'GraphQL over HTTP: %s (%s)',
  async (_name, _id, audit) => {
    const result = await audit.fn();
    expect(result.status, 'reason' in result ? result.reason : '').toBe('ok');
  },
);
