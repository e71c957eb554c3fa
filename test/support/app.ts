import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { App } from '../../src/app.ts';
import { readConfig } from '../../src/config/config.ts';
import { defaultSchema } from '../../src/config/database-url.ts';
import type { Config } from '../../src/config/settings.ts';
import { createApp } from '../../src/create-app.ts';
import { databaseOptions } from '../../src/db/database-options.ts';
import { createHandler } from '../../src/http/router.ts';
import type { TypedDocumentString } from '../generated/graphql.ts';
import { createTestDatabase } from './test-database.ts';

export interface GraphQLErrorBody {
  message: string;
  path?: string[];
  extensions: { code: string; field?: string; issues?: { field: string; code: string; message: string }[] } & Record<
    string,
    unknown
  >;
}

export interface GraphQLAnswer<T> {
  data: T | null | undefined;
  errors?: GraphQLErrorBody[];
  response: Response;
}

export interface TestApp {
  app: App;
  /** A valid API key. */
  key: string;
  /** What was logged so far, as text. */
  logged: () => string;
  /** One GraphQL request through the whole handler and back; with the valid key, other credentials, or null for none. */
  graphql<T, V>(
    document: TypedDocumentString<T, V> | string,
    variables?: V,
    credentials?: string | null,
  ): Promise<GraphQLAnswer<T>>;
  /** Any request through the whole handler. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

/** Of the cost of a password hash, where a test says nothing of it but lanes: the least that is still verified. */
const cheapHashes = { ARGON2_MEMORY_KIB: 4096, ARGON2_TIME_COST: 1 };

/** A test that says nothing of it may stand still for a while, and its database, too. */
export const patience = {
  DATABASE_CONNECT_TIMEOUT_MS: '30000',
  DATABASE_STATEMENT_TIMEOUT_MS: '30000',
  DATABASE_BUSY_TIMEOUT_MS: '30000',
};

/** The whole service on a database of its own, without a port. */
export async function createTestApp(settings: Record<string, string> = {}): Promise<TestApp> {
  const database = await createTestDatabase();
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const given: Config = readConfig({
    DATABASE_URL: database.url,
    DATABASE_POOL_SIZE: '5',
    SQLITE_SYNCHRONOUS: 'normal',
    ...patience,
    ...settings,
  });
  const isAboutCost = Object.keys(settings).some((name) => /^(ARGON2_(MEMORY|TIME)|PASSWORD_HASH)_/.test(name));
  const config = isAboutCost ? given : { ...given, ...cheapHashes };
  // To ask PostgreSQL for its schema takes a connection, each time: that of a database made here is known.
  const schema = settings.DATABASE_URL ? undefined : defaultSchema;
  const options = { ...databaseOptions(config), schema };
  const app = await createApp(config, pino({ level: config.LOG_LEVEL }, sink), options);
  const handle = createHandler(app);
  const { key } = await app.apiKeys.create('test');

  const fetch = async (path: string, init: RequestInit = {}) => {
    const request = new Request(`http://localhost${path}`, init);
    const { status, headers, body } = await handle(request, { tooLarge: false, isLocal: () => true });
    return new Response(body as BodyInit | null, { status, headers: [...headers] });
  };

  return {
    app,
    key,
    fetch,
    logged: () => lines.join(''),
    async graphql(document, variables, credentials = key) {
      const response = await fetch('/graphql', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(credentials !== null && { authorization: `Bearer ${credentials}` }),
        },
        body: JSON.stringify({ query: document.toString(), variables }),
      });
      const body = (await response.json()) as Omit<GraphQLAnswer<never>, 'response'>;
      return { ...body, response };
    },
    async close() {
      await app.stop();
      await database.remove();
    },
  };
}
