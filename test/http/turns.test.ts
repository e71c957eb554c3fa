import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { type Begin, createTurns } from '../../src/http/turns.ts';
import { waitFor } from '../support/wait.ts';

function work(forMs: number): void {
  const end = performance.now() + forMs;
  while (performance.now() < end);
}

/** Gives a hundred pieces of work of five milliseconds at once, resolves when all are done, and answers their order. */
function workMuch(begin: Begin): Promise<number[]> {
  const done: number[] = [];
  return new Promise((resolve) => {
    for (let i = 0; i < 100; i += 1) {
      begin({}, () => {
        work(5);
        if (done.push(i) === 100) resolve(done);
      });
    }
  });
}

/** A server whose clients, in another process, have all connected, and gone, before it looks for them. */
async function startWithGuests(guests: number) {
  const accepted: Socket[] = [];
  const server = createServer((socket) => accepted.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of accepted) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const script = `let left = ${guests};
    for (let i = left; i > 0; i -= 1) require('node:net').connect(${port}, '127.0.0.1', () => --left || process.exit());`;
  expect(spawnSync(process.execPath, ['-e', script]).status).toBe(0);
  return accepted;
}

test('whoever connects while there is much to do is accepted meanwhile', async () => {
  const accepted = await startWithGuests(50);
  expect(accepted).toHaveLength(0);
  await workMuch(createTurns());
  expect(accepted.length).toBeGreaterThanOrEqual(50);
});

test('work begins in the order in which it was given, also what is given while other work waits', async () => {
  const begin = createTurns();
  const order: string[] = [];
  const all = workMuch(begin).then(() => order.push('the hundred'));
  await sleep(20);
  await new Promise<void>((resolve) => begin({}, () => resolve(void order.push('a later one'))));
  await all;
  expect(order).toEqual(['the hundred', 'a later one']);
  expect(await workMuch(begin)).toEqual(Array.from({ length: 100 }, (_, i) => i));
});

test('what is to be done where nothing waits is begun at once', () => {
  let isBegun = false;
  createTurns()({}, () => {
    isBegun = true;
  });
  expect(isBegun).toBe(true);
});

test('so many requests of one connection wait, and no more; those of others do', async () => {
  const begin = createTurns();
  const [greedy, other] = [{}, {}];
  const begun: object[] = [];
  const give = (connection: object) => begin(connection, () => void begun.push(connection));
  begin({}, () => work(10)); // the turn is over
  const taken = Array.from({ length: 100 }, () => give(greedy));
  expect(taken).toEqual([...Array(64).fill(true), ...Array(36).fill(false)]);
  expect(give(other)).toBe(true);
  await waitFor('all that were taken', () => begun.length === 65);
  expect(begun.at(-1)).toBe(other);
  expect(give(greedy)).toBe(true);
});
