import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { count, type Tally } from './client.ts';
import type { Target } from './target.ts';

/** So fast they come, and whoever was cut comes back. */
const newPerSecond = 10;

/** Connections that ask for large answers and never read. The kernel takes some four megabytes off the server's hands. */
export function createSilentReaders({ port, key }: Target, tally: Tally) {
  const open = new Set<Socket>();

  function add(i: number, request: string): void {
    const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.6.${1 + (i % 200)}` });
    socket.pause();
    tally.sent += 1;
    socket.once('connect', () => open.add(socket) && socket.write(request));
    socket.on('error', (error: NodeJS.ErrnoException) => count(tally, error.code ?? error.message));
  }

  /** Who does not read does not hear of the end either, so the table of the kernel is asked. */
  function dropClosed(): void {
    const [, ...rows] = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n');
    const established = new Set(rows.filter((row) => row.trim().split(/\s+/)[3] === '01').map(localEndOf));
    for (const socket of open) {
      if (established.has(`${socket.localAddress}:${socket.localPort}`)) continue;
      open.delete(socket);
      socket.destroy();
      count(tally, 'cut');
    }
  }

  return {
    /** Keeps so many open for so many seconds. */
    async hold(readers: number, seconds: number): Promise<void> {
      const requests = [page(key), await bundle(port)];
      const endsAt = performance.now() + seconds * 1000;
      for (let i = 0; performance.now() < endsAt; await sleep(1000 / newPerSecond)) {
        if (i % newPerSecond === 0) dropClosed();
        if (open.size < readers) add(i, requests[i % requests.length] as string);
        i += 1;
      }
      dropClosed();
      if (open.size > 0) tally.answers['still open'] = open.size;
      for (const socket of open) socket.destroy();
    },
  };
}

/** `127.0.6.1:41234` of a row such as `0: 0106007F:A112 …`. */
function localEndOf(row: string): string {
  const [address = '', end = ''] = row.trim().split(/\s+/)[1]?.split(':') ?? [];
  return `${[...Buffer.from(address, 'hex')].reverse().join('.')}:${Number.parseInt(end, 16)}`;
}

/** Three megabytes, and twice, since the kernel takes the first. */
function page(key: string): string {
  const body = JSON.stringify({ query: '{ users(first: 100) { edges { node { metadata } } } }' });
  const headers = ['Host: a', `Authorization: Bearer ${key}`, 'Content-Type: application/json'];
  return `POST /graphql HTTP/1.1\r\n${headers.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`.repeat(2);
}

/** All of GraphiQL, uncompressed. */
async function bundle(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/graphql`, { headers: { accept: 'text/html' } });
  const paths = [...(await answer.text()).matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path);
  return paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join('');
}
