import { spawn } from 'node:child_process';
import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createSender, type SenderOptions } from '../../src/webhooks/sender.ts';
import { temporaryFolder } from '../support/database.ts';
import { startReceiver } from '../support/receiver.ts';
import { standStill } from '../support/stand-still.ts';
import { waitFor } from '../support/wait.ts';

const never = new AbortController().signal;
const resolve = async (): Promise<LookupAddress[]> => [{ address: '127.0.0.1', family: 4 }];

function openSender(options: Partial<SenderOptions> = {}) {
  const sender = createSender({ mayBePrivate: () => true, resolve, ...options });
  onTestFinished(sender.close);
  return {
    ...sender,
    post: (url: string, body = '{"a":"é"}', signal: AbortSignal = never) =>
      sender.send({ url, headers: { 'Content-Type': 'application/json', 'X-Test': '1' }, body }, signal),
  };
}

test('the text arrives as it is, on one connection for many', async () => {
  const receiver = await startReceiver();
  const sender = openSender();
  for (let i = 0; i < 5; i += 1) {
    expect(await sender.post(receiver.url)).toEqual({ status: 200, reason: null, answer: 'ok', retryAfterMs: null });
  }
  expect(receiver.webhooks.map(({ body }) => body)).toEqual(Array(5).fill('{"a":"é"}'));
  expect(receiver.webhooks[0]?.headers).toMatchObject({ 'x-test': '1', host: `127.0.0.1:${receiver.port}` });
  expect(receiver.connections()).toBe(1);
});

test('certificates are checked, also of hosts that may be private', async () => {
  const receiver = await startReceiver({ isSecure: true });
  const url = `https://roster:${receiver.port}/hooks`;
  expect(await openSender({ ca: receiver.ca }).post(url)).toMatchObject({ status: 200 });
  expect(await openSender().post(url)).toMatchObject({
    status: null,
    reason: 'The certificate of the host is its own, and not from an authority.',
  });
  expect(await openSender({ ca: receiver.ca }).post(url.replace('roster', 'other'))).toMatchObject({
    reason: 'The certificate of the host is for another name.',
  });
  expect(receiver.webhooks).toHaveLength(1);
});

test('no redirect is followed', async () => {
  const [target, receiver] = [await startReceiver(), await startReceiver()];
  for (const status of [301, 302, 303, 307, 308]) {
    receiver.answer((response) => response.writeHead(status, { Location: target.url }).end());
    expect(await openSender().post(receiver.url)).toMatchObject({ status, reason: null });
  }
  expect(target.connections()).toBe(0);
});

test('of an answer 1 KB is kept, and not much more than 64 KB read', async () => {
  const receiver = await startReceiver();
  let written = 0;
  receiver.answer((response) => {
    const pump = () => {
      while (written < 50_000_000 && response.write('é\0'.repeat(5000))) written += 15_000;
    };
    response.on('drain', pump);
    pump();
  });
  const { status, answer } = await openSender().post(receiver.url);
  expect(status).toBe(200);
  expect(Buffer.byteLength(answer?.replaceAll('\uFFFD', '\0') ?? '')).toBeGreaterThan(1020);
  expect(answer).toMatch(/^(é\uFFFD)+é?$/);
  expect(answer?.length).toBeLessThan(700);
  expect(written).toBeLessThan(10_000_000); // what the buffers of two sockets hold
});

test('what a receiver has said counts, though the rest of its answer never comes', async () => {
  const receiver = await startReceiver();
  receiver.answer((response) => void response.writeHead(200).write('half'));
  // Where the machine is so slow that nothing was said in time, it is asked with more of it.
  for (const totalMs of [200, 2000, 20_000]) {
    const sender = openSender({ timeouts: { totalMs, connectMs: totalMs } });
    const attempted = await sender.post(receiver.url);
    if (attempted.status === null) continue;
    expect(attempted).toMatchObject({ status: 200, reason: null });
    return;
  }
  expect.fail('What was said was lost.');
});

test('a receiver that says nothing is given up in time', async () => {
  const receiver = await startReceiver();
  receiver.answer(() => {});
  const sender = openSender({ timeouts: { totalMs: 200, connectMs: 60_000 } });
  expect(await sender.post(receiver.url)).toMatchObject({ status: null, reason: 'There was no answer in time.' });
  const trickle = openSender({ timeouts: { totalMs: 300, connectMs: 60_000 } });
  receiver.answer((response) => {
    const { socket } = response;
    const timer = setInterval(() => socket?.write('HTTP/1.1 100 Continue\r\n\r\n'), 20);
    socket?.on('close', () => clearInterval(timer));
  });
  expect(await trickle.post(receiver.url)).toMatchObject({ status: null, reason: 'There was no answer in time.' });
});

test('a host that takes the connection and no TLS is given up in time', async () => {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await waitFor('the server', () => server.listening);
  const { port } = server.address() as { port: number };
  const sender = openSender({ timeouts: { totalMs: 600_000, connectMs: 200 } });
  expect(await sender.post(`https://roster:${port}/`)).toMatchObject({
    reason: 'The host did not take the connection in time.',
  });
});

test('a server of names that says nothing is given up in time', async () => {
  const sender = openSender({ resolve: () => new Promise(() => {}), timeouts: { totalMs: 600_000, connectMs: 200 } });
  expect(await sender.post('https://roster/')).toMatchObject({
    reason: 'The host did not take the connection in time.',
  });
});

test('an idle connection that the receiver closes costs no attempt', async () => {
  const receiver = await startReceiver();
  const sender = openSender();
  receiver.answer((response, _, count) => {
    if (count === 2) response.socket?.destroy();
    else response.end('ok');
  });
  await sender.post(receiver.url);
  expect(await sender.post(receiver.url)).toMatchObject({ status: 200 });
  expect(receiver.connections()).toBe(2);
});

test('a connection that is closed without an answer is a failure, and an attempt that is ended ends', async () => {
  const receiver = await startReceiver();
  const sender = openSender();
  receiver.answer((response) => response.socket?.destroy());
  expect(await sender.post(receiver.url)).toMatchObject({
    status: null,
    reason: 'The connection was closed before there was an answer.',
  });
  const controller = new AbortController();
  receiver.answer(() => controller.abort());
  expect(await sender.post(receiver.url, '{}', controller.signal)).toMatchObject({ status: null });
});

test('what was answered while this process stood still counts, however long that was', async () => {
  const file = join(temporaryFolder(), 'received');
  const args = ['--import', 'tsx', 'test/support/receiver-process.ts', '0', file];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const url = `http://127.0.0.1:${Number(String((await once(child.stdout, 'data'))[0]))}/`;
  const sender = openSender({ timeouts: { totalMs: 500, connectMs: 500 } });
  await openSender().post(url); // it has loaded what it needs
  await waitFor('a connection that is kept', async () => (await sender.post(url)).status === 200);
  const attempted = sender.post(url, 'while it stands still');
  await nextTurn(); // the request is on its way
  standStill(() => readFileSync(file, 'utf8').includes('while it stands still'));
  expect(await attempted).toMatchObject({ status: 200, reason: null });
});

test('Retry-After is told', async () => {
  const receiver = await startReceiver();
  receiver.answer((response) => response.writeHead(503, { 'Retry-After': '90' }).end('busy'));
  expect(await openSender().post(receiver.url)).toEqual({
    status: 503,
    reason: null,
    answer: 'busy',
    retryAfterMs: 90_000,
  });
});

test('a reason tells no address', async () => {
  const receiver = await startReceiver();
  await receiver.close();
  const { reason } = await openSender().post(`http://receiver.example:${receiver.port}/`);
  expect(reason).toBe('The host refused the connection.');
  const failing = openSender({
    resolve: () => Promise.reject(Object.assign(new Error('10.0.0.1'), { code: 'ESERVFAIL' })),
  });
  expect(await failing.post('https://receiver.example/')).toMatchObject({
    reason: 'The name of the host could not be looked up.',
  });
});
