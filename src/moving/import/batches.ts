import { setTimeout as sleep } from 'node:timers/promises';
import type { Item } from './conversion.ts';
import { firstPace, nextPace } from './pace.ts';
import type { Went } from './write-batch.ts';

/** Wrapping one takes some 30 ms, and whoever waits for the import must see it go on. */
const maxWeakHashes = 500;

/** What is written with one transaction. */
export interface Batch {
  readonly items: readonly Item[];
  /** So many records are done with it. */
  readonly records: number;
  readonly isFinished: boolean;
  /** Nobody else writes, and there is more to come. */
  readonly isAlone: boolean;
}

export interface Batches {
  /** Adds what became of a record, if anything did; writes what there is where it is enough. `records` are done with it. */
  add(item: Item | null, records: number): Promise<void>;
  /** Writes the rest, and resolves when all is written. */
  finish(items: Iterable<Item>, records: number): Promise<void>;
  /** Resolves when nothing is written any more, whatever came of it. */
  settle(): Promise<void>;
}

/** Gathers what is to be written and writes it in turns with others who write: one batch while the next is gathered. */
export function createBatches(write: (batch: Batch) => Promise<Went>): Batches {
  let pace = firstPace;
  let commits: number | null = null;
  let [items, gathered, weakHashes]: [Item[], number, number] = [[], 0, 0];
  let writing: Promise<void> = Promise.resolve();

  async function writeAndRest(batch: Batch): Promise<void> {
    const went = await write(batch);
    const hasCompany = commits !== null && went.commits.count !== commits + went.commits.own;
    commits = went.commits.count;
    pace = nextPace(pace, { writeMs: went.writeMs, hasCompany });
    if (pace.restMs > 0 && !batch.isFinished) await sleep(pace.restMs);
  }

  async function flush(records: number, isFinished: boolean): Promise<void> {
    await writing;
    writing = writeAndRest({ items, records, isFinished, isAlone: !isFinished && !pace.hasCompany });
    writing.catch(() => {}); // told by whoever waits for it
    [items, gathered, weakHashes] = [[], 0, 0];
  }

  return {
    async add(item, records) {
      gathered += 1;
      if (item) items.push(item);
      if (item && 'user' in item.outcome && item.outcome.password?.carried.kind === 'weak') weakHashes += 1;
      if (gathered >= pace.records || weakHashes >= maxWeakHashes) await flush(records, false);
    },
    async finish(more, records) {
      items.push(...more);
      await flush(records, true);
      await writing;
    },
    settle: () => writing.catch(() => {}),
  };
}
