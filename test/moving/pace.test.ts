import { expect, test } from 'vitest';
import { firstPace, mostSharedMs, nextPace, type Pace } from '../../src/moving/import/pace.ts';
import { newStore } from '../support/moving.ts';

const pace = (records: number, restMs = 0, hasCompany = false): Pace => ({ records, restMs, hasCompany });

test.each([
  ['alone and quick, it writes twice as much', pace(500), { writeMs: 20, hasCompany: false }, pace(1000)],
  ['but never more than this', pace(4000), { writeMs: 20, hasCompany: false }, pace(5000)],
  ['alone and slow, it stays as it is', pace(2000), { writeMs: 400, hasCompany: false }, pace(2000)],
  ['alone and too slow, it writes half as much', pace(2000), { writeMs: 700, hasCompany: false }, pace(1000)],
  ['but never less than this', pace(250), { writeMs: 700, hasCompany: false }, pace(250)],
  ['one write of another makes it careful', pace(5000), { writeMs: 300, hasCompany: true }, pace(250, 0, true)],
  ['more of them let it rest', pace(250, 0, true), { writeMs: 20, hasCompany: true }, pace(250, 100, true)],
  ['alone again, it goes on at once', pace(250, 100, true), { writeMs: 20, hasCompany: false }, pace(500)],
])('%s', (_, last, went, next) => {
  expect(nextPace(last, went)).toEqual(next);
});

test.each([
  ['right after somebody else has written, there is no time', 0, 0],
  ['others wait for an eighth of the time in which nobody has written', 4000, 500],
  ['and never longer than this', 3_600_000, 1500],
])('a transaction of many batches: %s', (_, quietMs, most) => {
  expect(mostSharedMs(quietMs)).toBe(most);
});

test('it begins small, and is at its largest after a few quick transactions', () => {
  let now = firstPace;
  for (let i = 0; i < 4; i += 1) now = nextPace(now, { writeMs: 10, hasCompany: false });
  expect(now.records).toBe(5000);
});

test('a transaction knows whether somebody else wrote since the one before', async () => {
  const store = await newStore();
  await store.withDatabase(async (ours) => {
    const count = () =>
      ours.transaction(async ({ prisma, statements }) => {
        await prisma.readiness.findFirst();
        return statements.imports.begin(true);
      });
    const first = await count();
    const second = await count();
    const isShared = !store.url.startsWith('file:'); // the other tests write to the same server
    if (!isShared) expect(second.count).toBe(first.count + second.own);
    await store.withDatabase((theirs) =>
      theirs.transaction(({ prisma }) =>
        prisma.import.create({
          data: {
            id: 'x',
            format: 'csv',
            files: '',
            records: 0,
            counts: {},
            startedAt: new Date(),
            updatedAt: new Date(),
          },
        }),
      ),
    );
    const third = await count();
    expect(third.count).not.toBe(second.count + third.own);
  });
});
