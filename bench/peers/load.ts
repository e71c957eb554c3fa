// One process that loads one server, as bench/load.ts does, and tells which update of each user was answered last. No user
// has two updates under way, so that this is what their row has to hold afterwards.
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { type Api, updateRequest } from './requests.ts';

const [api, port, keys, seconds, connections, users, start] = process.argv.slice(2) as string[];
/** The users that can be asked for, each with a key of their own; or all users, with one key. */
const sessions = keys?.endsWith('.json') ? (JSON.parse(readFileSync(keys, 'utf8')) as [number, string][]) : undefined;
const underWay = new Set<number>();
const acknowledged = new Map<number, number>();
const uncertain = new Set<number>();
const latencies: number[] = [];
let failures = 0;
let firstFailure = '';
let counter = Number(start);
let running = true;

function drawUser(): [index: number, key: string] {
  for (;;) {
    const drawn: [number, string] = sessions
      ? (sessions[Math.floor(Math.random() * sessions.length)] as [number, string])
      : [Math.floor(Math.random() * Number(users)), keys as string];
    if (!underWay.has(drawn[0])) return drawn;
  }
}

/** The answer's text once it is whole, by its Content-Length or its last chunk. */
function wholeAnswer(buffered: Buffer): string | undefined {
  const end = buffered.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = buffered.toString('latin1', 0, end);
  const length = /content-length: (\d+)/i.exec(head)?.[1];
  const whole =
    length === undefined
      ? buffered.subarray(-5).equals(Buffer.from('0\r\n\r\n'))
      : buffered.length >= end + 4 + Number(length);
  return whole ? buffered.toString() : undefined;
}

function run(socket: Socket, done: () => void): void {
  let sentAt = 0;
  let index = 0;
  let update = 0;
  let buffered: Buffer = Buffer.alloc(0);
  const send = () => {
    const [user, key] = drawUser();
    index = user;
    update = counter;
    counter += 1;
    underWay.add(index);
    sentAt = performance.now();
    socket.write(updateRequest(api as Api, key, index, update));
  };
  socket.on('data', (chunk: Buffer) => {
    buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
    const text = wholeAnswer(buffered);
    if (text === undefined) return;
    buffered = Buffer.alloc(0);
    const ms = performance.now() - sentAt;
    underWay.delete(index);
    if (text.startsWith('HTTP/1.1 200') && !text.includes('"errors"')) {
      latencies.push(ms);
      acknowledged.set(index, update);
      uncertain.delete(index);
    } else {
      failures += 1;
      firstFailure ||= text;
      uncertain.add(index);
    }
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
    await new Promise<void>((resolve, reject) => {
      socket.once('close', () => reject(new Error(`the server closed a connection; ${firstFailure}`)));
      run(socket, resolve);
    });
    socket.removeAllListeners('close').destroy();
  }),
);

const elapsed = (performance.now() - startedAt) / 1000;
if (firstFailure) console.error(firstFailure);
latencies.sort((a, b) => a - b);
const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0;
console.log(
  JSON.stringify({
    requests: latencies.length,
    perSecond: latencies.length / elapsed,
    p50: at(0.5),
    p99: at(0.99),
    failures,
    // A failed update may have been written or not: such a user is not checked.
    acknowledged: [...acknowledged].filter(([user]) => !uncertain.has(user)),
  }),
);
