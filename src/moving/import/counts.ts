import { hash } from 'node:crypto';
import { encodeTime } from 'ulid';
import type { PreparedUser } from './prepare.ts';

/** How a record can end. */
export const outcomes = ['created', 'updated', 'unchanged', 'skipped', 'refused'] as const;

/** What became of the records of an import so far. Kept as JSON beside how far it is. */
export interface ImportCounts {
  created: number;
  updated: number;
  unchanged: number;
  skipped: number;
  refused: number;
  identities: number;
  /** Users who got a password, by the type of its hash. */
  passwords: Record<string, number>;
  /** What did not come along, or not as it was, by field. */
  notes: Record<string, number>;
  /**
   * The sum of the SHA-256 of each user that the files tell of, modulo 2^256: the same for the same users, whatever became of them
   * and however often the import was stopped.
   */
  checksum: string;
}

export function newCounts(): ImportCounts {
  return {
    created: 0,
    updated: 0,
    unchanged: 0,
    skipped: 0,
    refused: 0,
    identities: 0,
    passwords: {},
    notes: {},
    checksum: '0'.repeat(64),
  };
}

/** How many records ended how. */
export function outcomesOf(counts: ImportCounts): Record<string, number> {
  return Object.fromEntries(outcomes.map((outcome) => [outcome, counts[outcome]]));
}

export function countOne(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

/** The checksum with these users added. */
export function addToChecksum(checksum: string, users: readonly PreparedUser[]): string {
  let sum = BigInt(`0x${checksum}`);
  for (const { user, identities } of users) sum += BigInt(`0x${hash('sha256', saidOf(user, identities))}`);
  return BigInt.asUintN(256, sum).toString(16).padStart(64, '0');
}

/**
 * What a file says of a user. Where it names no time of creation, that is when the import began, and ids are made of it; another run
 * has another one.
 */
function saidOf(user: PreparedUser['user'], identities: PreparedUser['identities']): string {
  const said = JSON.stringify([Object.assign({}, user, { updatedAt: undefined }), identities]);
  return user.createdAt.getTime() === user.updatedAt.getTime() ? withoutMoment(user.createdAt, said) : said;
}

function withoutMoment(moment: Date, text: string): string {
  return text.replaceAll(`"${moment.toISOString()}"`, 'null').replaceAll(`_${encodeTime(moment.getTime(), 10)}`, '_');
}
