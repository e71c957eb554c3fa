import { readFileSync } from 'node:fs';
import { carryHash, type SourceHash } from '../../src/passwords/carry-hash.ts';
import type { StoredHashType, StoredPassword } from '../../src/passwords/stored-password.ts';

/** A hash that another system or another implementation made, and what an import does with it. */
export interface CarriedVector extends SourceHash {
  /** Who made it, or where it is published. */
  readonly by: string;
  /** How it was made; `password` stands for the password. */
  readonly command?: string;
  readonly password: string;
  readonly way: 'native' | 'weak';
  readonly type: StoredHashType;
}

export const carriedVectors: readonly CarriedVector[] = JSON.parse(
  readFileSync(new URL('./carried-vectors.json', import.meta.url), 'utf8'),
);

/** The least that argon2id may cost, so that tests are quick. */
export const cheapCost = { memoryKiB: 4_096, timeCost: 1, parallelism: 1 };

/** The row that an import would store. */
export async function storedOf(source: SourceHash): Promise<StoredPassword> {
  const carried = carryHash(source);
  if (carried.kind === 'refused') throw new Error(carried.reason);
  if (carried.kind === 'weak') return carried.wrap(cheapCost);
  const { type, hash, saltPosition } = carried;
  return { type, hash, saltPosition };
}

/** Another character of the same alphabet at the first place where the digest has one. */
export function tampered(vector: CarriedVector): CarriedVector {
  const { hash } = vector;
  const at = Math.max(...['$', ':', '}'].map((mark) => hash.lastIndexOf(mark))) + 1;
  const isWhole = at === 0 || /^A[AQ]A/.test(hash);
  const place = isWhole ? (/^A[AQ]A/.test(hash) ? 44 : 0) : at;
  const other = hash[place] === '0' ? '1' : '0';
  return { ...vector, hash: `${hash.slice(0, place)}${other}${hash.slice(place + 1)}` };
}
