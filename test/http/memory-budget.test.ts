import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { createMemoryBudget } from '../../src/http/memory-budget.ts';

function budgetOf(maxBytes: number) {
  const givenUp: number[] = [];
  return { givenUp, budget: createMemoryBudget(maxBytes, (count) => givenUp.push(count)) };
}

function hold(budget: ReturnType<typeof budgetOf>['budget'], bytes: number) {
  const [message, socket] = [{}, new Socket()];
  socket.on('error', () => {}); // it was never connected
  budget.hold(message, socket, bytes);
  return { message, socket };
}

test('a message longer than the whole budget is given up itself, and no other with it', () => {
  const { budget, givenUp } = budgetOf(100);
  const others = [hold(budget, 40), hold(budget, 40)];
  const largest = hold(budget, 101);
  expect(largest.socket.destroyed).toBe(true);
  expect(others.map(({ socket }) => socket.destroyed)).toEqual([false, false]);
  expect(givenUp).toEqual([1]);
  expect(hold(budget, 20).socket.destroyed).toBe(false); // what it held is free again
  expect(others.map(({ socket }) => socket.destroyed)).toEqual([false, false]);
});

test('so is one that grows beyond it', () => {
  const { budget } = budgetOf(100);
  const growing = hold(budget, 60);
  const other = hold(budget, 40);
  budget.hold(growing.message, growing.socket, 60);
  expect([growing.socket.destroyed, other.socket.destroyed]).toEqual([true, false]);
});

test('of messages that are too long together the oldest are given up', () => {
  const { budget, givenUp } = budgetOf(100);
  const [oldest, older, newest] = [hold(budget, 40), hold(budget, 40), hold(budget, 60)];
  expect([oldest, older, newest].map(({ socket }) => socket.destroyed)).toEqual([true, false, false]);
  expect(givenUp).toEqual([1]);
});
