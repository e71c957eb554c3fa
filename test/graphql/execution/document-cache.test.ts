import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parse } from 'graphql';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  createDocumentCache,
  type DocumentCache,
  estimateBytes,
} from '../../../src/graphql/execution/document-cache.ts';

const usual = (i: number) => `query Q${i}($id: ID!) { user(id: $id) { id email firstName lastName version } }`;
const keep = (cache: DocumentCache, query: string) => cache.keep(query, parse(query));
const sizeOf = (query: string) => estimateBytes(query, parse(query));

describe('the document cache', () => {
  test('gives back what it was given, and nothing else', () => {
    const cache = createDocumentCache(100_000);
    const document = parse(usual(1));
    cache.keep(usual(1), document);
    expect(cache.find(usual(1))).toBe(document);
    expect(cache.find(usual(2))).toBeUndefined();
  });

  test('never has more bytes than it may, whatever the sizes', () => {
    const cache = createDocumentCache(100_000);
    for (let i = 0; i < 400; i += 1) {
      keep(cache, i % 3 === 0 ? usual(i) : `{ a${i}: viewer { ${'id '.repeat((i * 37) % 180)}email } }`);
      if (i % 5 === 0) cache.find(usual(i - (i % 3)));
      expect(cache.bytes).toBeLessThanOrEqual(100_000);
    }
    expect(cache.bytes).toBeGreaterThan(50_000);
  });

  test('has no room for a document that is larger than itself, and loses nothing to it', () => {
    const cache = createDocumentCache(2 * sizeOf(usual(1)));
    keep(cache, usual(1));
    const large = `{ viewer { ${'id '.repeat(1900)} } }`;
    keep(cache, large);
    expect(cache.find(large)).toBeUndefined();
    expect(cache.find(usual(1))).toBeDefined();
  });

  test('loses those that nobody asks for again, the oldest first, and keeps those in use through a flood', () => {
    const cache = createDocumentCache(10 * sizeOf(usual(10)));
    for (const i of [11, 12, 13]) keep(cache, usual(i));
    cache.find(usual(12));
    for (let i = 100; i < 3000; i += 1) keep(cache, usual(i).replace('lastName ', ''));
    expect([11, 12, 13].map((i) => cache.find(usual(i)) !== undefined)).toEqual([false, true, false]);
    expect(cache.find(usual(2999).replace('lastName ', ''))).toBeDefined();
  });

  test('gives up those that were in use once, some minutes later', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const cache = createDocumentCache(sizeOf(usual(1)));
    keep(cache, usual(1));
    for (let uses = 0; uses < 3; uses += 1) cache.find(usual(1));
    keep(cache, usual(2));
    expect(cache.find(usual(2))).toBeUndefined();
    vi.advanceTimersByTime(120_000);
    keep(cache, usual(2));
    expect(cache.find(usual(2))).toBeDefined();
  });

  test.each([
    ['a string', 'mutation { authenticateWithPassword(email: "a@example.com", password: "x") { accessToken } }'],
    ['a block string', 'mutation { authenticateWithPassword(email: $e, password: """x""") { accessToken } }'],
    ['a string as a default', 'query ($id: ID! = "user_1") { user(id: $id) { id } }'],
  ])('keeps nothing of a document with %s, which may be a password', (_what, query) => {
    const cache = createDocumentCache(100_000);
    keep(cache, query);
    expect(cache.find(query)).toBeUndefined();
    expect(cache.bytes).toBe(0);
  });
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test.each([
  ['names alone', (i: number) => `{ a${i}: viewer { ${'id '.repeat(1900)} } }`],
  ['a usual document', usual],
  ['fragments', (i: number) => `{ a${i}: __typename ${'...{id}'.repeat(300)} }`],
  ['numbers', (i: number) => `{ a${i}: users(first: [${'1,'.repeat(900)}]) { totalCount } }`],
  ['a long comment', (i: number) => `{ __typename } #${i}${'x'.repeat(30_000)}`],
  ['a comment in another alphabet', (i: number) => `{ __typename } #${i}${'я'.repeat(15_000)}`],
])('what %s takes in memory is not estimated too low', (_what, make) => {
  const count = Math.ceil(10_000_000 / sizeOf(make(100))); // so many that what else happens does not matter
  const makeAll = () =>
    Array.from({ length: count }, (_, i) => Buffer.from(make(100 + i)).toString()).map((query) => ({
      query,
      document: parse(query),
    }));
  makeAll(); // so that what the parser keeps for itself is there already
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const kept = makeAll();
  collectGarbage();
  const taken = process.memoryUsage().heapUsed - before;
  const estimated = kept.reduce((sum, { query, document }) => sum + estimateBytes(query, document), 0);
  expect(taken).toBeLessThanOrEqual(estimated);
});
