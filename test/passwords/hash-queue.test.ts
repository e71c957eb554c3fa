import { expect, test, vi } from 'vitest';
import { createHashQueue } from '../../src/passwords/hash-queue.ts';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Work that ends when it is told to. */
function controlledWork() {
  const started: string[] = [];
  const finish = new Map<string, () => void>();
  const work = (name: string) => () =>
    new Promise<string>((resolve) => {
      started.push(name);
      finish.set(name, () => resolve(name));
    });
  const end = async (name: string): Promise<void> => {
    finish.get(name)?.();
    await settle();
  };
  return { started, work, end };
}

test('no more than the given number run at once, and the rest follow in the order they came', async () => {
  const queue = createHashQueue({ maxConcurrent: 2, maxQueued: 10 });
  const { started, work, end } = controlledWork();
  const results = Promise.all(['a', 'b', 'c', 'd'].map((name) => queue.run(work(name))));
  await settle();
  expect(started).toEqual(['a', 'b']);
  await end('b');
  expect(started).toEqual(['a', 'b', 'c']);
  await end('a');
  expect(started).toEqual(['a', 'b', 'c', 'd']);
  await end('c');
  await end('d');
  expect(await results).toEqual(['a', 'b', 'c', 'd']);
});

test('when the queue is full the next is refused at once, with a time to wait', async () => {
  const queue = createHashQueue({ maxConcurrent: 1, maxQueued: 1 });
  const { started, work, end } = controlledWork();
  const accepted = [queue.run(work('a')), queue.run(work('b'))];
  await expect(queue.run(work('c'))).rejects.toMatchObject({ code: 'rate_limited', details: { retryAfterSeconds: 1 } });
  expect(started).toEqual(['a']);
  await end('a');
  accepted.push(queue.run(work('d')));
  await end('b');
  await end('d');
  expect(await Promise.all(accepted)).toEqual(['a', 'b', 'd']);
});

test('the time to wait follows how long hashes have been taking', async () => {
  vi.useFakeTimers();
  try {
    const queue = createHashQueue({ maxConcurrent: 1, maxQueued: 2 });
    const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 4000));
    for (let round = 0; round < 20; round += 1) {
      const done = queue.run(slow);
      await vi.advanceTimersByTimeAsync(4000);
      await done;
    }
    const pending = [queue.run(slow), queue.run(slow), queue.run(slow)];
    // Three are before it, at nearly 4 s each.
    await expect(queue.run(slow)).rejects.toMatchObject({ details: { retryAfterSeconds: 12 } });
    await vi.advanceTimersByTimeAsync(12_000);
    await Promise.all(pending);
  } finally {
    vi.useRealTimers();
  }
});

test('a failure is handed to its own caller and gives its place back', async () => {
  const queue = createHashQueue({ maxConcurrent: 1, maxQueued: 1 });
  await expect(queue.run(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
  await expect(
    queue.run(() => {
      throw new Error('thrown before a promise');
    }),
  ).rejects.toThrow('thrown before a promise');
  expect(await queue.run(async () => 'still works')).toBe('still works');
});

test('someone who comes while a place is handed over does not take it', async () => {
  const queue = createHashQueue({ maxConcurrent: 1, maxQueued: 5 });
  const { started, work, end } = controlledWork();
  const first = queue.run(work('a'));
  const second = queue.run(work('b'));
  const third = first.then(() => queue.run(work('c')));
  await settle();
  await end('a');
  expect(started).toEqual(['a', 'b']);
  await end('b');
  await end('c');
  expect(await Promise.all([first, second, third])).toEqual(['a', 'b', 'c']);
});
