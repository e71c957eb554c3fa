import { readFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { postUser, type ServerProcess } from './server.ts';
import { type Connection, openConnection } from './sockets.ts';

/** The memory of a process, in MiB. */
export function residentMiB({ child }: ServerProcess): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) / 1024;
}

/** A connection that sends requests and never reads. The kernel takes some four megabytes of answers off the server's hands. */
export async function askAndNeverRead({ url }: ServerProcess, request: string): Promise<Connection> {
  const connection = await openConnection(url);
  connection.socket.pause();
  connection.socket.write(request);
  onTestFinished(() => {
    connection.socket.destroy();
  });
  return connection;
}

/** Makes a hundred users, and answers the body of a request for all of them, whose answer is three megabytes. */
export async function fill({ url, key }: ServerProcess): Promise<string> {
  const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key${i}`, 'x'.repeat(600)]));
  const emails = Array.from({ length: 100 }, (_, i) => `u${i}@example.com`);
  await Promise.all(emails.map((email) => postUser(url, key, { email, metadata })));
  return JSON.stringify({ query: '{ users(first: 100) { edges { node { metadata } } } }' });
}

export function postRequest(key: string, body: string): string {
  const headers = [`Authorization: Bearer ${key}`, 'Content-Type: application/json', `Content-Length: ${body.length}`];
  return `POST /graphql HTTP/1.1\r\nHost: localhost\r\n${headers.join('\r\n')}\r\n\r\n${body}`;
}

/** Whether the server still has its end of a connection, by the table of the kernel: the client would have to read to know. */
export function isHeld({ url, child }: ServerProcess, { socket }: Connection): boolean {
  const hex = (port: unknown) => Number(port).toString(16).toUpperCase().padStart(4, '0');
  const rows = readFileSync(`/proc/${child.pid}/net/tcp`, 'utf8');
  return new RegExp(`:${hex(new URL(url).port)} [0-9A-F]+:${hex(socket.localPort)} 0[18] `).test(rows);
}
