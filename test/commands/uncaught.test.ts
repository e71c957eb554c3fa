import { expect, onTestFinished, test } from 'vitest';
import { type ServerProcess, send, startServerProcess } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

/** A server in whose process something goes wrong, with nobody to catch it, when it is sent SIGUSR2. */
async function startWith(failure: string): Promise<ServerProcess> {
  const code = `process.on('SIGUSR2', () => setImmediate(() => { ${failure} }))`;
  const server = await startServerProcess({
    NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(code)}`,
  });
  onTestFinished(server.dispose);
  return server;
}

const linesOf = (server: ServerProcess): { level: string; reason?: string; msg: string }[] =>
  server
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

const failed = `Object.assign(new Error('no "s3' + 'cret" there'), { code: 'EBUG' })`;

test('an exception that nobody caught is logged with its reason, and the server ends gracefully, with 1', async () => {
  const server = await startWith(`throw ${failed}`);
  const { code, signal } = await server.stop('SIGUSR2');
  expect({ code, signal }).toEqual({ code: 1, signal: null });
  expect(linesOf(server)).toContainEqual(
    expect.objectContaining({
      level: 'fatal',
      err: { type: 'Error', code: 'EBUG', stack: expect.any(String) },
      reason: 'no "…" there',
      msg: 'an exception that nobody caught: the server stops',
    }),
  );
  expect(server.output()).not.toContain('s3cret');
});

test('a failure that nobody waited for is logged with its reason, and the server goes on', async () => {
  const server = await startWith(`Promise.reject(${failed})`);
  server.child.kill('SIGUSR2');
  const lines = await waitFor('the line', () => linesOf(server).filter(({ level }) => level === 'error')[0]);
  expect(lines).toMatchObject({ reason: 'no "…" there', msg: 'a failure that nobody waited for: the service goes on' });
  expect((await send(`${server.url}/ready`)).status).toBe(200);
  expect(server.output()).not.toContain('s3cret');
});

test('a reader of the output that goes away does not end the server', async () => {
  const server = await startWith('process.stdout.write("x"); process.stderr.write("x")');
  server.child.stdout?.destroy();
  server.child.stderr?.destroy();
  for (let i = 0; i < 3; i += 1) {
    server.child.kill('SIGUSR2');
    expect((await send(`${server.url}/ready`)).status).toBe(200);
  }
  expect(server.child.exitCode).toBeNull();
});
