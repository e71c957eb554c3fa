import { Worker } from 'node:worker_threads';

/** Linux alone has priorities of threads; elsewhere the whole process would get this one. */
const prelude = `
const { parentPort, workerData: data } = require('node:worker_threads');
const { constants, platform, setPriority } = require('node:os');
if (platform() === 'linux') setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);
`;

/**
 * The result of work that takes long, on a thread of its own with a lower priority: where it shares a core with the thread that
 * answers requests, it gets what that one leaves, and not half of it. The thread ends with the work, and so does all that it had
 * in memory. `expression` is JavaScript that has `require` and `data`; a text is the same for Node and for the tests.
 */
export function runAtLowPriority<T>(expression: string, data: unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(`${prelude}parentPort.postMessage(${expression});`, { eval: true, workerData: data });
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', () => reject(new Error('a thread ended without a result')));
  });
}
