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
  const results = Promise.all(['a', 'b', 'c', 'd'].map((name) => queue.run('x', work(name))));
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

test('callers take turns: whoever asks for many keeps nobody else waiting for them', async () => {
  const queue = createHashQueue({ maxConcurrent: 1, maxQueued: 10 });
  const { started, work, end } = controlledWork();
  const asked = ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'].map((name) => queue.run(name.charAt(0), work(name)));
  const order = ['a1', 'a2', 'b1', 'c1', 'a3', 'b2'];
  for (const name of order) {
    await settle();
    expect(started.at(-1)).toBe(name);
    await end(name);
  }
  expect(await Promise.all(asked)).toEqual(['a1', 'a2', 'a3', 'b1', 'c1', 'b2']);
});

test('in a full queue the caller with most gives up the latest for one who has fewer, and nobody an equal share', async () => {
  const queue = createHashQueue({ maxConcurrent: 1, maxQueued: 4 });
  const { started, work, end } = controlledWork();
  const greedy = ['a0', 'a1', 'a2', 'a3', 'a4'].map((name) => queue.run('a', work(name)));
  const outcomes = Promise.allSettled(greedy);
  const b = queue.run('b', work('b1'));
  const c = queue.run('c', work('c1'));
  // a, b and c wait for two, one and one: a fourth may take one of a's, and b no second one.
  await expect(queue.run('b', work('b2'))).rejects.toMatchObject({ code: 'rate_limited' });
  const d = queue.run('d', work('d1'));
  for (const name of ['a0', 'a1', 'b1', 'c1', 'd1']) await end(name);
  expect(started).toEqual(['a0', 'a1', 'b1', 'c1', 'd1']);
  expect(await Promise.all([b, c, d])).toEqual(['b1', 'c1', 'd1']);
  const refused = { status: 'rejected', reason: { code: 'rate_limited', details: { retryAfterSeconds: 1 } } };
  expect(await outcomes).toMatchObject([{ value: 'a0' }, { value: 'a1' }, refused, refused, refused]);
});

test('a flood of one caller keeps another one waiting for one hash at most', async () => {
  const queue = createHashQueue({ maxConcurrent: 1, maxQueued: 64 });
  const { started, work, end } = controlledWork();
  const flood = Array.from({ length: 1000 }, (_, i) => queue.run('attacker', work(`a${i}`)));
  const outcomes = Promise.allSettled(flood);
  const owner = queue.run('owner', work('owner'));
  await settle();
  await end('a0');
  await end('a1');
  expect(started).toEqual(['a0', 'a1', 'owner']);
  await end('owner');
  expect(await owner).toBe('owner');
  for (let i = 2; i < 64; i += 1) await end(`a${i}`);
  expect((await outcomes).filter(({ status }) => status === 'fulfilled')).toHaveLength(64);
});

test('when the queue is full the next is refused at once, with a time to wait', async () => {
  const queue = createHashQueue({ maxConcurrent: 1, maxQueued: 1 });
  const { started, work, end } = controlledWork();
  const accepted = [queue.run('x', work('a')), queue.run('x', work('b'))];
  await expect(queue.run('x', work('c'))).rejects.toMatchObject({
    code: 'rate_limited',
    details: { retryAfterSeconds: 1 },
  });
  expect(started).toEqual(['a']);
  await end('a');
  accepted.push(queue.run('x', work('d')));
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
      const done = queue.run('x', slow);
      await vi.advanceTimersByTimeAsync(4000);
      await done;
    }
    const pending = [queue.run('x', slow), queue.run('x', slow), queue.run('x', slow)];
    // Three are before it, at nearly 4 s each.
    await expect(queue.run('x', slow)).rejects.toMatchObject({ details: { retryAfterSeconds: 12 } });
    await vi.advanceTimersByTimeAsync(12_000);
    await Promise.all(pending);
  } finally {
    vi.useRealTimers();
  }
});

test('a failure is handed to its own caller and gives its place back', async () => {
  const queue = createHashQueue({ maxConcurrent: 1, maxQueued: 1 });
  await expect(queue.run('x', () => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
  await expect(
    queue.run('x', () => {
      throw new Error('thrown before a promise');
    }),
  ).rejects.toThrow('thrown before a promise');
  expect(await queue.run('x', async () => 'still works')).toBe('still works');
});

test('someone who comes while a place is handed over does not take it', async () => {
  const queue = createHashQueue({ maxConcurrent: 1, maxQueued: 5 });
  const { started, work, end } = controlledWork();
  const first = queue.run('x', work('a'));
  const second = queue.run('x', work('b'));
  const third = first.then(() => queue.run('x', work('c')));
  await settle();
  await end('a');
  expect(started).toEqual(['a', 'b']);
  await end('b');
  await end('c');
  expect(await Promise.all([first, second, third])).toEqual(['a', 'b', 'c']);
});
