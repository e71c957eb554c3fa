import type { ChildProcess } from 'node:child_process';
import { expect } from 'vitest';
import { patience } from './app.ts';
import { linesOf } from './log-lines.ts';
import { type Answer, post, type Served, type ServerProcess, serveHere, startServerProcess } from './server.ts';

/** Several servers over one database, and one caller that speaks to them in turn. */
export interface Fleet<Server extends Served = Served> {
  readonly databaseUrl: string;
  readonly key: string;
  readonly servers: readonly Server[];
  /** One operation, at the next process. */
  ask(document: unknown, variables: object): Promise<Answer>;
  /** One operation that must succeed; answers its `data`. */
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
  succeed(document: unknown, variables: object): Promise<any>;
  /** No process ended or logged an unexpected error. */
  assertHealthy(): void;
  dispose(): Promise<void>;
}

/** Processes of Roster; the first makes the key that serves for all, unless there is one. */
export function startFleet(count: number, databaseUrl: string, settings = {}, knownKey = '') {
  return startWith<ServerProcess>(startServerProcess, count, databaseUrl, settings, knownKey);
}

/** The same, each with its own connections and memory, within this process: for tests that are not about processes. */
export function startFleetHere(count: number, databaseUrl: string, settings = {}, knownKey = '') {
  return startWith<Served>(serveHere, count, databaseUrl, { ...patience, ...settings }, knownKey);
}

async function startWith<Server extends Served>(
  start: (settings: Record<string, string>) => Promise<Server>,
  count: number,
  databaseUrl: string,
  settings: object,
  knownKey: string,
): Promise<Fleet<Server>> {
  const all = { DATABASE_URL: databaseUrl, DATABASE_POOL_SIZE: '5', LOG_LEVEL: 'warn', ...settings };
  const first = await start(all);
  const others = await Promise.all(Array.from({ length: count - 1 }, () => start(all)));
  const servers = [first, ...others];
  const key = first.key || knownKey;
  let turn = 0;

  async function ask(document: unknown, variables: object): Promise<Answer> {
    turn += 1;
    return post((servers[turn % servers.length] as Server).url, key, String(document), variables);
  }

  return {
    databaseUrl,
    key,
    servers,
    ask,
    async succeed(document, variables) {
      const { data, errors, text } = await ask(document, variables);
      expect(errors, text).toBeUndefined();
      return data;
    },
    assertHealthy() {
      for (const server of servers) {
        if ('child' in server) expect((server.child as ChildProcess).exitCode).toBeNull();
        expect(linesOf(server.output(), 'error'), 'an unexpected error was logged').toEqual([]);
      }
    },
    dispose: async () => void (await Promise.all(servers.map((server) => server.dispose()))),
  };
}

/** The code of each answer's first error; `null` for an answer without one. */
export function codesOf(answers: Answer[]): (string | null)[] {
  return answers.map(({ errors }) => errors?.[0]?.extensions.code ?? null);
}

/** How often each code came; successes count as `ok`. */
export function countCodes(answers: Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const code of codesOf(answers)) counts[code ?? 'ok'] = (counts[code ?? 'ok'] ?? 0) + 1;
  return counts;
}
