// One process that loads one server: CONNECTIONS sockets, each sending the next request when the answer to the last is in.
// It is started with a port, a key, a number of seconds and the name of a workload, and prints one line of JSON.
import { connect, type Socket } from 'node:net';
import { makeRequests, type Workload } from './workloads.ts';

const [port, key, seconds, connections, workload, users, start] = process.argv.slice(2) as string[];
const nextRequest = makeRequests(workload as Workload, key as string, Number(users), Number(start));
const latencies: number[] = [];
let failures = 0;
let running = true;

/** Answers are read by their Content-Length: all servers here send one. */
function run(socket: Socket, done: () => void): void {
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
    if (running) send();
    else done();
  });
  send();
}

const startedAt = performance.now();
setTimeout(() => {
  running = false;
}, Number(seconds) * 1000);

await Promise.all(
  Array.from({ length: Number(connections) }, async () => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.setNoDelay(true);
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    await new Promise<void>((resolve) => run(socket, resolve));
    socket.destroy();
  }),
);

const elapsed = (performance.now() - startedAt) / 1000;
latencies.sort((a, b) => a - b);
const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0;
console.log(
  JSON.stringify({
    requests: latencies.length,
    perSecond: latencies.length / elapsed,
    p50: at(0.5),
    p99: at(0.99),
    failures,
  }),
);
