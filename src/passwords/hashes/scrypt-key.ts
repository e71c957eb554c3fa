import { scrypt } from 'node:crypto';
import { runAtLowPriority } from '../../threads/low-priority.ts';
import { scryptWork, unitTimesMs } from '../bounds.ts';
import type { HashCost } from './hash-cost.ts';
import { UnusableHash } from './hash-fields.ts';

/** Costs of scrypt in RFC 7914's letters: N (as `n`), r and p. */
export interface ScryptCost {
  n: number;
  r: number;
  p: number;
}

/** Throws UnusableHash unless N < 2^(128 * r / 8), which RFC 7914 section 2 demands. */
export function assertScryptCost({ n, r }: ScryptCost): void {
  if (Math.log2(n) >= 16 * r) throw new UnusableHash('r is too small for its N');
}

/** Throws UnusableHash where each cost is within its bounds and all together are too much. */
export function assertScryptWork({ n, r, p }: ScryptCost): void {
  if (n * r * p > scryptWork) throw new UnusableHash(`N * r * p is more than ${scryptWork}`);
}

/** What scrypt takes: its memory does not grow with p. */
export function scryptHashCost({ n, r, p }: ScryptCost): HashCost {
  return { memoryKiB: (n * r) / 8, timeMs: n * r * p * unitTimesMs.scrypt };
}

/** Twice what is usual, some tenth of a second: what takes longer gives way to requests. */
const LONG_WORK = 2 ** 18;

/** The key that scrypt derives, computed on another thread. The caller has checked the bounds of the costs. */
export function deriveScryptKey(password: Buffer, salt: Buffer, cost: ScryptCost, length: number): Promise<Buffer> {
  const { n, r, p } = cost;
  // What OpenSSL counts against its limit: the blocks B, V and two more for work. Node's default stops at 32 MiB.
  const maxmem = 128 * r * (n + p + 2);
  const options = { N: n, r, p, maxmem };
  if (n * r * p > LONG_WORK) return deriveSlowly({ password, salt, length, options });
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

async function deriveSlowly(job: object): Promise<Buffer> {
  const call = "require('node:crypto').scryptSync(data.password, data.salt, data.length, data.options)";
  return Buffer.from(await runAtLowPriority<Uint8Array>(call, job));
}
