import { expect, onTestFinished, test } from 'vitest';
import { post, type ServerProcess, send, startServerProcess } from '../support/server.ts';
import { askAndNeverRead, fill, postRequest, residentMiB } from '../support/silent-readers.ts';
import { waitFor } from '../support/wait.ts';

/** A server that gives nothing up for the time it takes, so that only its memory is bounded. */
async function start(settings: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await startServerProcess({
    ...{ LOG_LEVEL: 'warn', WRITE_TIMEOUT_MS: '600000', REQUEST_TIMEOUT_MS: '600000', HEADERS_TIMEOUT_MS: '600000' },
    ...settings,
  });
  onTestFinished(server.dispose);
  return server;
}

test('300 connections that ask for the largest answers and never read cost a bounded memory, and others are answered', async () => {
  const server = await start();
  const largest = postRequest(server.key, await fill(server)).repeat(2);
  let peak = 0;
  for (let i = 0; i < 300; i += 1) {
    await askAndNeverRead(server, largest);
    peak = Math.max(peak, residentMiB(server));
    if (i % 30 === 0) expect((await send(`${server.url}/health`)).status).toBe(200);
  }
  const answer = await post(server.url, server.key, '{ __typename }');
  expect(answer).toMatchObject({ status: 200, data: { __typename: 'Query' } });
  expect(Math.max(peak, residentMiB(server))).toBeLessThan(600);
  await waitFor('the log to say so', () => server.output().includes('too many answers are not taken'));
}, 300_000);

test('what they hold is counted as it is: 150 that come at once cost a third of what they ask for', async () => {
  const server = await start();
  const largest = postRequest(server.key, await fill(server)).repeat(2);
  const before = residentMiB(server);
  await Promise.all(Array.from({ length: 150 }, () => askAndNeverRead(server, largest)));
  expect((await send(`${server.url}/health`)).status).toBe(200);
  await waitFor('the log to say so', () => server.output().includes('too many answers are not taken'));
  expect(residentMiB(server) - before).toBeLessThan(450);
}, 300_000);

test('300 connections that ask for GraphiQL and all it needs, and never read, cost hardly any', async () => {
  const server = await start();
  const page = await send(`${server.url}/graphql`, { headers: { accept: 'text/html' } });
  const paths = [...page.text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path);
  expect(paths.length).toBeGreaterThan(0);
  const get = (path = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\n\r\n`;
  const everything = ['/graphql', ...paths].map(get).join('');
  await askAndNeverRead(server, everything);
  await send(`${server.url}/health`);
  const before = residentMiB(server);
  for (let i = 0; i < 300; i += 1) await askAndNeverRead(server, everything);
  expect((await send(`${server.url}/health`)).status).toBe(200);
  expect(residentMiB(server) - before).toBeLessThan(100);
}, 300_000);

test('requests that arrive slowly hold a bounded memory together', async () => {
  const server = await start({ MAX_BODY_BYTES: '16777216' });
  const head = 'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 16777216\r\n\r\n';
  const before = residentMiB(server);
  for (let i = 0; i < 60; i += 1) {
    const { socket } = await askAndNeverRead(server, head);
    await new Promise((resolve) => socket.write('x'.repeat(16_000_000), resolve));
  }
  expect((await send(`${server.url}/health`)).status).toBe(200);
  expect(residentMiB(server) - before).toBeLessThan(400);
}, 300_000);
