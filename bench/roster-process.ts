import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface RosterProcess {
  readonly url: string;
  readonly key: string;
  readonly pid: number;
  /** One GraphQL request; rejects on anything but a JSON answer. */
  graphql(
    query: string,
    variables?: object,
  ): Promise<{ data?: Record<string, unknown>; errors?: { extensions: { code: string } }[] }>;
  stop(): Promise<void>;
}

/** Starts the built Roster on a new database and a free port. */
export async function startRoster(env: Record<string, string> = {}): Promise<RosterProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'roster-bench-'));
  const child = spawn(process.execPath, ['dist/main.js', 'serve'], {
    env: { ...process.env, DATABASE_URL: `file:${folder}/roster.db`, PORT: '0', LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { url, key } = await readWelcome(child);
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return {
    url,
    key,
    pid: child.pid as number,
    async graphql(query, variables = {}) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ query, variables }),
      });
      return response.json();
    },
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function readWelcome(child: ChildProcess): Promise<{ url: string; key: string }> {
  let text = '';
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    text += chunk;
    const url = /(http:\/\/[^\s/]+)\/graphql/.exec(text)?.[1];
    const key = /sk_[\w-]{43}/.exec(text)?.[0];
    if (!url || !key) continue;
    child.stdout?.resume();
    return { url, key };
  }
  throw new Error('Roster ended before it listened.');
}
