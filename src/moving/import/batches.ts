import { setTimeout as sleep } from 'node:timers/promises';
import type { Ahead } from './ahead.ts';
import type { Batch } from './batch.ts';
import type { Item } from './conversion.ts';
import { companyPace, firstPace, nextPace } from './pace.ts';
import type { Went } from './write-batch.ts';

/** Wrapping one takes some 30 ms, and whoever waits for the import must see it go on. */
const maxWeakHashes = 500;

export interface Batches {
  /** Adds what became of a record, if anything did; writes what there is where it is enough. `records` are done with it. */
  add(item: Item | null, records: number): Promise<void>;
  /** Writes the rest, and resolves when all is written. */
  finish(items: Iterable<Item>, records: number): Promise<void>;
  /** Resolves when nothing is written any more, whatever came of it. */
  settle(): Promise<void>;
}

/** So many a batch has that is inserted ahead. */
const recordsAhead = 1500;

/**
 * Gathers what is to be written and writes it in turns with others who write: one batch while the next is gathered. Where nobody
 * else writes, and transactions have become as large as they may, new users are inserted ahead.
 */
export function createBatches(write: (batch: Batch) => Promise<Went>, ahead: Ahead | null = null): Batches {
  let pace = firstPace;
  let commits: number | null = null;
  let [items, gathered, weakHashes]: [Item[], number, number] = [[], 0, 0];
  let writing: Promise<void> = Promise.resolve();

  const isAhead = () => ahead !== null && !pace.hasCompany && pace.records >= recordsAhead;

  async function writeAndRest(batch: Batch): Promise<void> {
    const went = await write({ ...batch, isAlone: batch.isAlone && !pace.hasCompany });
    const hasCompany = commits !== null && went.commits.count !== commits + went.commits.own;
    commits = went.commits.count;
    pace = nextPace(pace, { writeMs: went.writeMs, hasCompany });
    if (hasCompany) ahead?.noteCompany();
    if (pace.restMs > 0 && !batch.isFinished) await sleep(pace.restMs);
  }

  async function insertAhead(batch: Batch): Promise<readonly Batch[]> {
    if (!ahead || !isAhead()) return [batch];
    const left = batch.isFinished ? await ahead.stop() : await ahead.take(batch);
    commits = null; // what was inserted ahead is nobody else's
    if (left.hasCompany) pace = companyPace;
    return batch.isFinished ? [...left.batches, batch] : left.batches;
  }

  async function flush(records: number, isFinished: boolean): Promise<void> {
    await writing;
    const batch = { items, records, isFinished, isAlone: !isFinished };
    [items, gathered, weakHashes] = [[], 0, 0];
    writing = insertAhead(batch).then(async (left) => {
      for (const one of left) await writeAndRest(one);
    });
    writing.catch(() => {}); // told by whoever waits for it
  }

  return {
    async add(item, records) {
      gathered += 1;
      if (item) items.push(item);
      if (item && 'user' in item.outcome && item.outcome.password?.carried.kind === 'weak') weakHashes += 1;
      const most = isAhead() ? recordsAhead : pace.records;
      if (gathered >= most || weakHashes >= maxWeakHashes) await flush(records, false);
    },
    async finish(more, records) {
      items.push(...more);
      await flush(records, true);
      await writing;
    },
    settle: async () => {
      await writing.catch(() => {});
      await ahead?.stop().catch(() => {}); // what was taken before an error stands
    },
  };
}
