import { Worker, type WorkerOptions } from 'node:worker_threads';

/** Linux alone has priorities of threads; elsewhere the whole process would get this one. */
const prelude = `
const { parentPort, workerData: data } = require('node:worker_threads');
const { constants, platform, setPriority } = require('node:os');
if (platform() === 'linux') setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);
`;

/**
 * A thread with a lower priority: where it shares a core with the thread that answers requests, it gets what that one leaves,
 * and not half of it. `script` is JavaScript that has `require`, `parentPort` and `data`; a text is the same for Node and for
 * the tests.
 */
export function startAtLowPriority(script: string, data: unknown, options: WorkerOptions = {}): Worker {
  return new Worker(prelude + script, { ...options, eval: true, workerData: data });
}

/** The result of work that takes long. The thread ends with the work, and so does all that it had in memory. */
export function runAtLowPriority<T>(expression: string, data: unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    const thread = startAtLowPriority(`parentPort.postMessage(${expression});`, data);
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', () => reject(new Error('a thread ended without a result')));
  });
}
