import { expect, test } from 'vitest';
import { type CarriedHash, carryHash } from '../../src/passwords/carry-hash.ts';
import type { StoredPassword } from '../../src/passwords/stored-password.ts';
import { verifyPassword } from '../../src/passwords/verify.ts';
import { type CarriedVector, carriedVectors, cheapCost } from './carried-vectors.ts';

/** The row that an import would store. */
async function storedOf(carried: CarriedHash): Promise<StoredPassword> {
  if (carried.kind === 'refused') throw new Error(carried.reason);
  if (carried.kind === 'weak') return carried.wrap(cheapCost);
  const { type, hash, saltPosition } = carried;
  return { type, hash, saltPosition };
}

/** Another character of the same alphabet at the first place where the digest has one. */
function tampered(vector: CarriedVector): CarriedVector {
  const { hash } = vector;
  const at = Math.max(...['$', ':', '}'].map((mark) => hash.lastIndexOf(mark))) + 1;
  const isWhole = at === 0 || /^A[AQ]A/.test(hash);
  const place = isWhole ? (/^A[AQ]A/.test(hash) ? 44 : 0) : at;
  const other = hash[place] === '0' ? '1' : '0';
  return { ...vector, hash: `${hash.slice(0, place)}${other}${hash.slice(place + 1)}` };
}

test.each(
  carriedVectors.map((vector, i) => [vector.by, vector.algorithm ?? vector.hash.slice(0, 16), i, vector] as const),
)(
  'by %s, %s (%i): carried as it should be, its password matches, another one and a tampered hash do not',
  async (_by, _algorithm, _i, vector) => {
    const carried = carryHash(vector);
    const stored = await storedOf(carried);
    expect({ way: carried.kind, type: stored.type }).toEqual({ way: vector.way, type: vector.type });
    expect(await verifyPassword(vector.password, stored)).toBe(true);
    expect(await verifyPassword(`${vector.password}x`, stored)).toBe(false);
    const other = carryHash(tampered(vector));
    if (other.kind !== 'refused') expect(await verifyPassword(vector.password, await storedOf(other))).toBe(false);
  },
);
