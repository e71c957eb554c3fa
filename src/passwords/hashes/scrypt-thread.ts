import { Worker } from 'node:worker_threads';

/** As `scryptSync` takes them. */
export interface ScryptJob {
  readonly password: Buffer;
  readonly salt: Buffer;
  readonly length: number;
  readonly options: { readonly N: number; readonly r: number; readonly p: number; readonly maxmem: number };
}

/**
 * A text, and so the same file for Node and for the tests. Linux alone has priorities of threads; elsewhere the whole process
 * would get this one.
 */
const script = `
const { scryptSync } = require('node:crypto');
const { constants, platform, setPriority } = require('node:os');
const { parentPort, workerData } = require('node:worker_threads');
if (platform() === 'linux') setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);
const { password, salt, length, options } = workerData;
parentPort.postMessage(scryptSync(password, salt, length, options));
`;

/**
 * Runs scrypt on a thread of its own with a lower priority. It computes for seconds, and where it shares a core with the
 * thread that answers requests, it must get what that one leaves, and not half of it.
 */
export function runScryptThread(job: ScryptJob): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(script, { eval: true, workerData: job });
    thread.once('message', (key: Uint8Array) => resolve(Buffer.from(key)));
    thread.once('error', reject);
    thread.once('exit', () => reject(new Error('the thread that computed scrypt ended without a result')));
  });
}
