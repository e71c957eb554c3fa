import { expect, test } from 'vitest';
import { statementNames } from '../../src/db/postgresql/statement-names.ts';
import { createStatementCache } from '../../src/db/sqlite/statement-cache.ts';

function countingCache() {
  const prepared: string[] = [];
  const cache = createStatementCache((sql) => {
    prepared.push(sql);
    return { sql };
  });
  return { cache, prepared };
}

test('a statement is prepared once', () => {
  const { cache, prepared } = countingCache();
  expect(cache.get('SELECT 1')).toBe(cache.get('SELECT 1'));
  expect(prepared).toEqual(['SELECT 1']);
});

test('however many come, what is kept is bounded in bytes, and the oldest leave', () => {
  const { cache, prepared } = countingCache();
  const text = (i: number) => `SELECT ${i} /* ${'x'.repeat((i * 997) % 20_000)} */`;
  for (let i = 0; i < 1000; i += 1) {
    cache.get(text(i));
    expect(cache.characters).toBeLessThanOrEqual(500_000);
  }
  expect(cache.characters).toBeGreaterThan(400_000);
  prepared.length = 0;
  cache.get(text(999));
  cache.get(text(0));
  expect(prepared).toEqual([text(0)]);
});

test('a statement of unusual length is not kept', () => {
  const { cache, prepared } = countingCache();
  cache.get('SELECT 1');
  const long = `SELECT '${'x'.repeat(600_000)}'`;
  expect([cache.get(long).sql, cache.get(long).sql]).toEqual([long, long]);
  cache.get('SELECT 1');
  expect(prepared).toEqual(['SELECT 1', long, long]);
});

test('a long statement has no name on PostgreSQL', () => {
  expect(statementNames.find(`SELECT '${'x'.repeat(8192)}'`)).toBeNull();
  expect(statementNames.find('SELECT 1')).toMatch(/^roster_[0-9a-f]{16}$/);
});
