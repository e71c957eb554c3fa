import type { TestApp } from './app.ts';

export interface KeyedAnswer {
  readonly status: number;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever was answered
  readonly body: any;
  /** Whether it says that it was carried out before. */
  readonly replayed: boolean;
  readonly headers: Headers;
}

export interface KeyedCall {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Null for nobody's. */
  readonly credentials?: string | null;
}

/** A request through the whole handler, under this key; null for none. */
export async function ask(t: TestApp, key: string | null, call: KeyedCall): Promise<KeyedAnswer> {
  const { method, path, body, headers = {}, credentials = t.key } = call;
  const response = await t.fetch(path, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(credentials !== null && { authorization: `Bearer ${credentials}` }),
      ...(key !== null && { 'idempotency-key': key }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    text,
    body: text === '' ? undefined : JSON.parse(text),
    replayed: response.headers.get('idempotent-replayed') === 'true',
    headers: response.headers,
  };
}

/** The request of a GraphQL operation. */
export function operation(
  query: string,
  variables: object = {},
  more: Partial<KeyedCall> & { extensions?: object } = {},
): KeyedCall {
  const { extensions, ...rest } = more;
  const body = { query, variables, ...(extensions && { extensions }) };
  return { method: 'POST', path: '/graphql', body, ...rest };
}

/** Every row that a request may change, to compare before and after; not what was kept of requests themselves. */
export async function rowsOf({ app }: TestApp): Promise<object> {
  const { reader } = app.db;
  const byId = { orderBy: { id: 'asc' } } as const;
  return {
    users: await reader.user.findMany(byId),
    identities: await reader.identity.findMany(byId),
    passwords: await reader.password.findMany({ orderBy: { userId: 'asc' } }),
    sessions: await reader.session.findMany(byId),
    codes: await reader.oneTimeCode.findMany(byId),
    mails: await reader.mailMessage.findMany(byId),
    endpoints: await reader.webhookEndpoint.findMany(byId),
    deliveries: await reader.webhookDelivery.findMany(byId),
    jobs: await reader.job.findMany({ ...byId, where: { intervalSeconds: null } }),
    events: (await reader.event.count()) + (await reader.unnumberedEvent.count()),
  };
}
