import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Checkpoint, takeCheckpoint } from '../../src/moving/import/checkpoint.ts';
import { newStore } from '../support/moving.ts';

const now = () => new Date();

test.each([false, true])(
  'of many who take up an import at once, one has it, and each of the others in turn (begun before: %s)',
  async (isBegun) => {
    const store = await newStore();
    await store.withDatabase(async (db) => {
      for (let round = 0; round < 3; round += 1) {
        const key = { id: `import ${round}`, format: 'csv', files: 'users.csv' };
        if (isBegun) await (await takeCheckpoint(db, key, now, () => {})).release();
        let [held, most] = [0, 0];
        const hold = async (taken: Checkpoint) => {
          held += 1;
          most = Math.max(most, held);
          await sleep(5); // long enough for another one to take it, too
          await db.transaction((tx) => taken.advance(tx, { records: 1, counts: taken.counts, isFinished: false }));
          held -= 1;
          await taken.release();
        };
        await Promise.all(Array.from({ length: 4 }, () => takeCheckpoint(db, key, now, () => {}).then(hold)));
        expect(most).toBe(1);
      }
    });
  },
);
