import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { SqliteDatabase } from '../../src/db/sqlite/driver.ts';
import { postUser, type ServerProcess, startServerProcess } from '../support/server.ts';
import { type Connection, openConnection } from '../support/sockets.ts';
import { waitFor } from '../support/wait.ts';

async function startServer(settings: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await startServerProcess(settings);
  onTestFinished(server.dispose);
  return server;
}

const create = (email: string) => `createUser(input: { email: "${email}" }) { email }`;

interface HalfSent extends Connection {
  sendRest(): void;
}

/** A mutation of which the server has the headers and half the body. */
async function sendHalf({ url, key }: ServerProcess, mutation: string): Promise<HalfSent> {
  const connection = await openConnection(url);
  const body = JSON.stringify({ query: `mutation { ${mutation} }` });
  const headers = [
    'POST /graphql HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${key}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    'Expect: 100-continue', // its answer shows that the server has read the headers
  ];
  connection.socket.write(`${headers.join('\r\n')}\r\n\r\n`);
  await new Promise((resolve) => connection.socket.once('data', resolve));
  connection.socket.write(body.slice(0, 20));
  return { ...connection, sendRest: () => connection.socket.write(body.slice(20)) };
}

/** Resolves when the server takes no new connections; without a wait of a fixed length. */
function refusesConnections(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const attempt = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(Number(port), hostname);
      socket.once('connect', () => socket.destroy());
      socket.once('error', () => resolve(true));
      socket.once('close', () => resolve(false));
    });
  return expect.poll(attempt, { timeout: 10_000 }).toBe(true) as unknown as Promise<void>;
}

function readEmails(file: string): unknown[] {
  const db = new SqliteDatabase(file, { readonly: true });
  try {
    return db.prepare('SELECT email FROM users ORDER BY id').pluck().all();
  } finally {
    db.close();
  }
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s: no new connections, the request in flight has its full answer, the database is closed',
  async (signal) => {
    const server = await startServer();
    const inFlight = await sendHalf(server, create('last@example.com'));
    const ended = server.stop(signal);
    await refusesConnections(server.url);
    inFlight.sendRest();

    const answer = await inFlight.received;
    expect(answer).toMatch(/\r\n\r\nHTTP\/1\.1 200 .*"email":"last@example\.com"/s);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    expect(await ended).toMatchObject({ code: 0, signal: null });
    expect(existsSync(`${server.file}-wal`), 'a -wal file is left').toBe(false);
    expect(readEmails(server.file)).toEqual(['last@example.com']);
  },
);

test('a password that is being hashed is stored and answered', async () => {
  const server = await startServer({
    ARGON2_MEMORY_KIB: '131072',
    ARGON2_TIME_COST: '5',
    SHUTDOWN_TIMEOUT_MS: '50000',
  });
  const id = await postUser(server.url, server.key, { email: 'a@example.com' });
  const password = 'purple tractor ankle monsoon';
  const inFlight = await sendHalf(server, `updateUser(id: "${id}", input: { password: "${password}" }) { version }`);
  inFlight.sendRest();
  expect(await server.stop()).toMatchObject({ code: 0, signal: null });
  expect(await inFlight.received).toContain('{"data":{"updateUser":{"version":2}}}');
});

test('connections that are idle, and one that never asked for anything, do not hold it', async () => {
  const server = await startServer({ SHUTDOWN_TIMEOUT_MS: '600000' });
  const idle = await openConnection(server.url);
  idle.socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await new Promise((resolve) => idle.socket.once('data', resolve));
  const silent = await openConnection(server.url);
  expect(await server.stop()).toMatchObject({ code: 0 });
  expect(await silent.received).toBe('');
});

test('a client that never finishes holds it for SHUTDOWN_TIMEOUT_MS and no longer, and nothing is written', async () => {
  const server = await startServer({ SHUTDOWN_TIMEOUT_MS: '300', REQUEST_TIMEOUT_MS: '0' });
  const inFlight = await sendHalf(server, create('never@example.com'));
  expect(await server.stop()).toMatchObject({ code: 0, signal: null });
  expect(await inFlight.received).not.toContain('200 OK');
  expect(existsSync(`${server.file}-wal`)).toBe(false);
  expect(readEmails(server.file)).toEqual([]);
});

test('a second signal, later than an echo of the first, ends it at once', async () => {
  const server = await startServer({ SHUTDOWN_TIMEOUT_MS: '600000', REQUEST_TIMEOUT_MS: '0' });
  await sendHalf(server, create('never@example.com'));
  const ended = server.stop('SIGTERM');
  await refusesConnections(server.url);
  await waitFor('it to end', () => {
    server.child.kill('SIGTERM');
    return server.child.signalCode;
  });
  expect(await ended).toMatchObject({ signal: 'SIGTERM' });
});
