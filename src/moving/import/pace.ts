/** How many records the next transaction has, and how long the import rests before it. */
export interface Pace {
  readonly records: number;
  readonly restMs: number;
  /** Whether somebody else wrote between the last two transactions. */
  readonly hasCompany: boolean;
}

/** Beside another writer, who waits for it on SQLite, and alone, where a page that many records share is written once. */
const records = { beside: 250, first: 500, most: 5000 };
/** So long a transaction takes at most: the database ends what takes seconds. */
const maxWriteMs = 500;
/** Beside another writer, the import rests so many times as long as it has written. */
const restFactor = 5;

export const firstPace: Pace = { records: records.first, restMs: 0, hasCompany: false };
/** Where somebody else has just been noticed. */
export const companyPace: Pace = { records: records.beside, restMs: 0, hasCompany: true };

/** What follows from how long the last transaction took; one write of another's now and then is no reason to rest. */
export function nextPace(last: Pace, { writeMs, hasCompany }: { writeMs: number; hasCompany: boolean }): Pace {
  if (hasCompany) return { records: records.beside, restMs: last.hasCompany ? writeMs * restFactor : 0, hasCompany };
  const factor = writeMs > maxWriteMs ? 0.5 : writeMs * 2 < maxWriteMs ? 2 : 1;
  const next = Math.min(records.most, Math.max(records.beside, last.records * factor));
  return { records: next, restMs: 0, hasCompany };
}

/** So long a transaction of many batches is open at most, and so large a share of the time in which nobody else wrote. */
const shared = { mostMs: 1500, share: 1 / 8 };

/** How long a transaction that is shared by batches may keep others waiting, where nobody else has written for so long. */
export function mostSharedMs(quietMs: number): number {
  return Math.min(shared.mostMs, quietMs * shared.share);
}
