// One process that loads one server: CONNECTIONS sockets, each sending the next request when the answer to the last is in.
// It is started with a port, a key, a number of seconds and the name of a workload, and prints one line of JSON.
import type { Socket } from 'node:net';
import { drive, summarise } from './driver.ts';
import { makeRequests, type Workload } from './workloads.ts';

const [port, key, seconds, connections, workload, users, start] = process.argv.slice(2) as string[];
const nextRequest = makeRequests(workload as Workload, key as string, Number(users), Number(start));
const latencies: number[] = [];
let failures = 0;

/** Answers are read by their Content-Length: all servers here send one. */
function run(socket: Socket, isRunning: () => boolean, done: () => void): void {
  let sentAt = 0;
  let buffered: Buffer = Buffer.alloc(0);
  const send = () => {
    sentAt = performance.now();
    socket.write(nextRequest());
  };
  socket.on('data', (chunk: Buffer) => {
    buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
    const end = buffered.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = buffered.toString('latin1', 0, end);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    if (buffered.length < end + 4 + length) return;
    const body = buffered.subarray(end + 4);
    buffered = Buffer.alloc(0);
    latencies.push(performance.now() - sentAt);
    if (!head.startsWith('HTTP/1.1 200') || body.includes('"errors"')) failures += 1;
    if (isRunning()) send();
    else done();
  });
  send();
}

const elapsed = await drive(
  Number(port),
  Number(connections),
  Number(seconds),
  (socket, isRunning) => new Promise((resolve) => run(socket, isRunning, resolve)),
);
console.log(JSON.stringify(summarise(latencies, elapsed, failures)));
