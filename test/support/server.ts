import { startService } from '../../src/commands/serve.ts';
import { startServer } from '../../src/create-app.ts';
import { createTestApp, type GraphQLErrorBody, type TestApp } from './app.ts';
import { type Ended, newMigratedDatabase, type RosterProcess, recordingTerminal, startRoster } from './processes.ts';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  data?: Record<string, unknown> | null;
  errors?: GraphQLErrorBody[];
}

/** Sends a request and reads the answer to its end; a JSON answer's `data` and `errors` are taken out. */
export async function send(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') && text !== '';
  const { data, errors } = isJson ? JSON.parse(text) : {};
  return {
    status: response.status,
    headers: response.headers,
    text,
    ...(data !== undefined && { data }),
    ...(errors && { errors }),
  };
}

export const jsonHeaders = (key: string) => ({ authorization: `Bearer ${key}`, 'content-type': 'application/json' });

/** One GraphQL operation over real HTTP. */
export function post(url: string, key: string, query: string, variables?: unknown, more: object = {}): Promise<Answer> {
  const body = JSON.stringify({ query, variables, ...more });
  return send(`${url}/graphql`, { method: 'POST', headers: jsonHeaders(key), body });
}

/** Makes a user over real HTTP and answers the id. */
export async function postUser(url: string, key: string, input: object): Promise<string> {
  const create = 'mutation ($input: CreateUserInput!) { createUser(input: $input) { id } }';
  const answer = await post(url, key, create, { input });
  const id = /"id":"(user_\w+)"/.exec(answer.text)?.[1];
  if (!id) throw new Error(`no user: ${answer.text}`);
  return id;
}

/** A server that `roster serve` has started. */
export interface Served {
  readonly url: string;
  /** The development key that it printed; empty when it printed none. */
  readonly key: string;
  readonly databaseUrl: string;
  readonly file: string;
  /** All that it has written so far. */
  readonly output: () => string;
  stop(): Promise<unknown>;
  /** Ends it, if it is still there, and removes its database. */
  dispose(): Promise<void>;
}

export interface ServerProcess extends Served, RosterProcess {
  stop(signal?: NodeJS.Signals): Promise<Ended>;
}

/** The end of the welcome, or in production the line of the log. */
const isListening = /\n {2}API key .+\n(?: {13}.+\n)?\n|"msg":"listening"/;

/** `roster serve` as a process of its own on a free port, by default over a migrated, empty database. Resolves when it listens. */
export async function startServerProcess(
  settings: Record<string, string> = {},
  options: string[] = [],
): Promise<ServerProcess> {
  const database = newMigratedDatabase();
  const started = startRoster(['serve', ...options], { DATABASE_URL: database.url, PORT: '0', ...settings });
  const { child, output, ended } = started;
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', () => isListening.test(output()) && resolve());
    child.once('close', () => reject(new Error(`The server did not start:\n${output()}`)));
  });
  return {
    ...started,
    ...told(output(), settings.DATABASE_URL ?? database.url),
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
    async dispose() {
      child.kill('SIGKILL');
      await ended;
      database.remove();
    },
  };
}

/** What a server has told of itself. */
function told(output: string, databaseUrl: string) {
  const url = /http:\/\/\S+?:\d+/.exec(output)?.[0] ?? '';
  return { url, key: /sk_[\w-]{43}/.exec(output)?.[0] ?? '', databaseUrl, file: databaseUrl.slice('file:'.length) };
}

/** What `roster serve` starts, within this process: for tests that are about the service, not about its process. */
export async function serveHere(settings: Record<string, string> = {}, options = {}): Promise<Served> {
  const database = newMigratedDatabase();
  const databaseUrl = settings.DATABASE_URL ?? database.url;
  const terminal = recordingTerminal({ PORT: '0', ...settings, DATABASE_URL: databaseUrl });
  const { server } = await startService(terminal, options);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= server.stop();
    return stopped;
  };
  return {
    ...told(terminal.stdout.text, databaseUrl),
    output: () => terminal.stdout.text + terminal.stderr.text,
    stop,
    async dispose() {
      await stop();
      database.remove();
    },
  };
}

export interface TestServer extends TestApp {
  readonly url: string;
}

/** The whole service in this process, listening on a free port. */
export async function startTestServer(settings: Record<string, string> = {}): Promise<TestServer> {
  const testApp = await createTestApp({ PORT: '0', ...settings });
  const server = await startServer(testApp.app);
  return {
    ...testApp,
    url: server.url,
    async close() {
      await server.stop();
      await testApp.close();
    },
  };
}
