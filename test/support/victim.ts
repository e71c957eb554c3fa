import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { linesOf } from './log-lines.ts';
import { postUser, type ServerProcess, send, startServerProcess } from './server.ts';
import { dumpTables } from './tables.ts';

export interface Victim {
  server: ServerProcess;
  /** The id of a user that no test may manage to change. */
  userId: string;
}

/** All rows, but for what is recorded of a sign-in that was refused. */
function writtenTo({ file }: ServerProcess): object {
  const { event_sequences: _, events = [], ...tables } = dumpTables(file);
  const isRefusal = ({ type }: { type: string }) => /^authentication\.\w+_failed$/.test(type);
  return { ...tables, events: (events as { type: string }[]).filter((event) => !isRefusal(event)) };
}

/**
 * One real server process for all tests of a file. After each test it must still be alive, and nothing may have been
 * written: these tests send what is to be refused.
 */
export function useVictim(settings: Record<string, string> = {}): Victim {
  const victim = {} as Victim;
  let before: unknown;

  beforeAll(async () => {
    victim.server = await startServerProcess(settings);
    const { url, key } = victim.server;
    victim.userId = await postUser(url, key, { email: 'victim@example.com', metadata: { plan: 'pro' } });
  });
  afterAll(() => victim.server.dispose());

  beforeEach(() => {
    before = writtenTo(victim.server);
  });
  afterEach(async () => {
    expect(writtenTo(victim.server)).toEqual(before);
    expect(victim.server.child.exitCode).toBeNull();
    expect(linesOf(victim.server.output(), 'error'), 'an unexpected error was logged').toEqual([]);
    expect((await send(`${victim.server.url}/health`)).status).toBe(200);
  });
  return victim;
}
