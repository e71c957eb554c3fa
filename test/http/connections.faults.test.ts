import { describe, expect, onTestFinished, test } from 'vitest';
import { type ServerProcess, send, startServerProcess } from '../support/server.ts';
import { askAndNeverRead, fill, isHeld, postRequest, residentMiB } from '../support/silent-readers.ts';
import { openConnection } from '../support/sockets.ts';
import { waitFor } from '../support/wait.ts';

async function start(settings: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await startServerProcess({ LOG_LEVEL: 'warn', ...settings });
  onTestFinished(server.dispose);
  return server;
}

describe('an answer that is not taken', () => {
  test('is given up after WRITE_TIMEOUT_MS, whatever the route', async () => {
    const server = await start({ WRITE_TIMEOUT_MS: '1500' });
    const body = await fill(server);
    const rest = ['GET /user_management/users?limit=100 HTTP/1.1', 'Host: a', `Authorization: Bearer ${server.key}`];
    for (const request of [postRequest(server.key, body), `${rest.join('\r\n')}\r\n\r\n`]) {
      const connection = await askAndNeverRead(server, request.repeat(5));
      expect(isHeld(server, connection)).toBe(true);
      await waitFor('the server to cut the connection', () => !isHeld(server, connection));
    }
  });

  test('by a slow reader is not given up while it takes some', async () => {
    const server = await start({ WRITE_TIMEOUT_MS: '2000' });
    const connection = await askAndNeverRead(server, postRequest(server.key, await fill(server)).repeat(8));
    const { socket } = connection;
    const readSome = setInterval(() => socket.once('data', () => socket.pause()).resume(), 20);
    onTestFinished(() => clearInterval(readSome));
    const startedAt = performance.now();
    await waitFor('twice the time-out', () => performance.now() - startedAt > 4000);
    expect(isHeld(server, connection)).toBe(true);
  });
});

test('beyond MAX_CONNECTIONS connections are cut, the log says so, and there is room again afterwards', async () => {
  const server = await start({ MAX_CONNECTIONS: '3' });
  const open = await Promise.all([1, 2, 3].map(() => openConnection(server.url)));
  const fourth = await openConnection(server.url);
  expect(await fourth.received).toBe('');
  await waitFor('the log', () => server.output().includes('MAX_CONNECTIONS'));
  for (const { socket } of open) socket.destroy();
  const isAnswered = () =>
    send(`${server.url}/health`).then(
      ({ status }) => status === 200,
      () => false,
    );
  await waitFor('room', isAnswered);
});

test('a connection stays open between two requests for longer than proxies keep it, or as long as is set', async () => {
  const [usual, short] = await Promise.all([start(), start({ KEEP_ALIVE_TIMEOUT_MS: '1000' })]);
  expect((await send(`${usual.url}/health`)).headers.get('keep-alive')).toBe('timeout=65');
  const { socket, received } = await openConnection(short.url);
  socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
  expect(await received).toContain('Keep-Alive: timeout=1'); // it was closed
});

test('who sends requests without end and reads nothing is cut, and what they sent takes no memory', async () => {
  const server = await start();
  const before = residentMiB(server);
  const requests = 'GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(100_000);
  const greedy = await Promise.all(Array.from({ length: 20 }, () => openConnection(server.url)));
  for (const { socket } of greedy) socket.pause().write(requests);
  const isCut = () => greedy.every((connection) => !isHeld(server, connection));
  let most = 0;
  await waitFor('all to be cut', () => {
    most = Math.max(most, residentMiB(server));
    return isCut();
  });
  for (const { socket } of greedy) socket.destroy();
  expect(most - before).toBeLessThan(300);
  expect((await send(`${server.url}/health`)).status).toBe(200);
});
