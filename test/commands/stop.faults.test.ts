import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { livedMs } from '../support/clock.ts';
import { newTestDatabase, production } from '../support/processes.ts';
import { send } from '../support/server.ts';
import { openConnection } from '../support/sockets.ts';
import { freePort, waitFor } from '../support/wait.ts';

const shutdownTimeoutMs = 500;
/** What is promised besides SHUTDOWN_TIMEOUT_MS, and as much again for a busy machine. */
const longestMs = shutdownTimeoutMs + 2 * 4000;

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  readonly folder: string;
  readonly ended: Promise<unknown>;
}

/** A server with these outputs, and with a script that runs in it first. */
async function start(stdio: ('pipe' | number)[], script = ''): Promise<Running> {
  const { folder, url: databaseUrl } = newTestDatabase();
  const port = await freePort();
  const preload = script && `--import=data:text/javascript,${encodeURIComponent(script)}`;
  const child = spawn(process.execPath, [...(preload ? [preload] : []), 'dist/main.js', 'serve'], {
    detached: true, // a group of its own, which is signalled as a whole
    env: {
      ...{ ...production, PATH: process.env.PATH, DATABASE_URL: databaseUrl, PORT: String(port) },
      ...{ SHUTDOWN_TIMEOUT_MS: String(shutdownTimeoutMs), REQUEST_TIMEOUT_MS: '0', HEADERS_TIMEOUT_MS: '0' },
    },
    stdio: ['ignore', ...stdio],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const url = `http://127.0.0.1:${port}`;
  const isAnswered = () =>
    send(`${url}/health`).then(
      () => true,
      () => false,
    );
  await waitFor('the server to listen', isAnswered);
  return { child, url, folder, ended: once(child, 'exit') };
}

/** Asks the group to stop, once, and answers how long that took. */
function stop({ child, ended }: Running): Promise<number> {
  process.kill(-(child.pid as number), 'SIGTERM');
  return livedMs(() => ended);
}

async function expectItEnds(running: Running): Promise<void> {
  expect(await stop(running)).toBeLessThan(longestMs);
}

test('a server whose folder was removed and whose output was closed ends, ten times of ten', async () => {
  for (let i = 0; i < 10; i += 1) {
    const running = await start(['pipe', 'pipe']);
    running.child.stdout?.destroy();
    running.child.stderr?.destroy();
    rmSync(running.folder, { recursive: true });
    await send(`${running.url}/ready`);
    await expectItEnds(running);
  }
});

test('a server whose output takes nothing, as on a full disk, answers and ends', async () => {
  const full = openSync('/dev/full', 'w');
  const running = await start([full, full]);
  for (let i = 0; i < 50; i += 1) expect((await send(`${running.url}/health`)).status).toBe(200);
  await expectItEnds(running);
});

test('a server whose output nobody reads answers, and ends', async () => {
  const running = await start(['pipe', 'pipe']);
  const agent = { headers: { 'x-request-id': 'x'.repeat(128) } };
  for (let i = 0; i < 1000; i += 1) expect((await send(`${running.url}/health`, agent)).status).toBe(200);
  await expectItEnds(running);
});

test('connections that were refused and stay open do not hold it', async () => {
  const running = await start(['pipe', 'pipe']);
  running.child.stdout?.resume();
  for (const bytes of [
    'hello\r\n\r\n',
    'GET / HTTP/1.1\r\n',
    'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n',
  ]) {
    const { socket } = await openConnection(running.url);
    socket.allowHalfOpen = true;
    socket.write(bytes);
    onTestFinished(() => void socket.destroy());
  }
  await expectItEnds(running);
});

test('a thread that hangs in the kernel is told in the log, and does not hold it, five times of five', async () => {
  for (let i = 0; i < 5; i += 1) {
    const fifo = join(newTestDatabase().folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const log = join(newTestDatabase().folder, 'log');
    const output = openSync(log, 'w');
    const running = await start(
      [output, output],
      `import fs from 'node:fs'; fs.open(${JSON.stringify(fifo)}, 'r', () => {});`,
    );
    await expectItEnds(running);
    await waitFor('the log to say so', () => readFileSync(log, 'utf8').includes('threads of the process'));
    expect(readFileSync(log, 'utf8')).toContain('"msg":"the stop hung: killed"');
  }
});
