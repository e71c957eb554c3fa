import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type Checkpoint, takeCheckpoint } from '../../src/moving/import/checkpoint.ts';
import { temporaryFolder, userRow } from '../support/database.ts';
import { newStore } from '../support/moving.ts';
import { roster } from '../support/processes.ts';

const now = () => new Date();

test('a pipe with a name is refused, and told how it is read', async () => {
  const pipe = join(temporaryFolder(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const { code, stderr } = await (await newStore()).run('import', pipe, '--from', 'csv');
  expect([code, stderr]).toEqual([
    1,
    `${pipe} is a pipe, which is read once alone. Give it as standard input: import - < ${pipe}\n`,
  ]);
});

test('an import that was stopped goes on where it was, in a packed file, too; from a pipe it starts over', async () => {
  const lines = ['email,external_id', ...Array.from({ length: 2000 }, (_, i) => `u${i}@example.com,${i}`)].join('\n');
  const folder = temporaryFolder();
  const [plain, packed] = [join(folder, 'users.csv'), join(folder, 'users.csv.gz')];
  writeFileSync(plain, lines);
  writeFileSync(packed, gzipSync(lines));
  for (const file of [plain, packed, '-']) {
    const store = await newStore();
    const run = () =>
      roster(['import', file, '--from', 'csv', '--on-conflict', 'fail'], { DATABASE_URL: store.url }, lines);
    const inTheWay = userRow('there', { emailCanonical: 'u1700@example.com' });
    await store.withDatabase((db) => db.transaction(({ prisma }) => prisma.user.create({ data: inTheWay })));
    const stops = `${file === '-' ? 'standard input' : file}, line 1702: there has this address. The import stops here.`;
    expect(await run()).toMatchObject({ code: 1, stderr: expect.stringContaining(stops) });
    const status = (await store.run('import', 'status')).stdout;
    const reached = Number(/ (\d+) created, .* stopped: run it again/.exec(status)?.[1]);
    expect(reached).toBeGreaterThan(0);
    await store.withDatabase((db) => db.transaction(({ prisma }) => prisma.user.delete({ where: { id: 'there' } })));
    const { code, stdout } = await run();
    expect([file, code, /^unchanged +(\d+)$/m.exec(stdout)?.[1]]).toEqual([
      file,
      0,
      String(file === '-' ? reached : 0),
    ]);
    expect(await store.withDatabase(({ reader }) => reader.user.count())).toBe(2000);
  }
});

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
