import { expect, test } from 'vitest';
import { createDetour } from '../../src/moving/import/detour.ts';

test('after each refusal in a row twice as many batches go the ordinary way, 64 at most, and after one that was inserted one', () => {
  const detour = createDetour();
  const length = () => {
    for (let batches = 0; ; batches += 1) if (!detour.takes()) return batches;
  };
  expect(length()).toBe(0);
  const lengths = Array.from({ length: 9 }, () => {
    detour.noteRefused();
    return length();
  });
  expect(lengths).toEqual([1, 2, 4, 8, 16, 32, 64, 64, 64]);
  detour.noteInserted();
  detour.noteRefused();
  expect(length()).toBe(1);
});
