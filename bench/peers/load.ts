// One process that loads one server, as bench/load.ts does, and tells which update of each user was answered last. No user
// has two updates under way, so that this is what their row has to hold afterwards.
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { drive, summarise } from '../driver.ts';
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

function run(socket: Socket, isRunning: () => boolean, done: () => void): void {
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
    if (isRunning()) send();
    else done();
  });
  send();
}

const elapsed = await drive(
  Number(port),
  Number(connections),
  Number(seconds),
  (socket, isRunning) =>
    new Promise((resolve, reject) => {
      socket.once('close', () => reject(new Error(`the server closed a connection; ${firstFailure}`)));
      run(socket, isRunning, resolve);
    }),
);
if (firstFailure) console.error(firstFailure);
console.log(
  JSON.stringify({
    ...summarise(latencies, elapsed, failures),
    // A failed update may have been written or not: such a user is not checked.
    acknowledged: [...acknowledged].filter(([user]) => !uncertain.has(user)),
  }),
);
