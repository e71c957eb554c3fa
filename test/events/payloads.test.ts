import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allEventTypes } from '../../src/events/event-types.ts';
import { createTestApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp();
});
afterAll(() => t.close());

type Reviewed = Record<string, Record<string, string>>;
const reviewed = JSON.parse(readFileSync('test/events/payloads.reviewed.json', 'utf8')) as Reviewed;

/** The name of each value in a text of JSON, such as `data.user_id`, with its JSON type. */
function shapeOf(value: unknown, name = ''): Record<string, string> {
  if (typeof value !== 'object' || value === null) return { [name]: value === null ? 'null' : typeof value };
  const entries = Object.entries(value).map(([key, inner]) => shapeOf(inner, name === '' ? key : `${name}.${key}`));
  return Object.assign(entries.length === 0 ? { [name]: 'object' } : {}, ...entries);
}

test('the text of an event has all that its receivers were promised, in the same types', () => {
  const shapes = allEventTypes.map((type) => [type, shapeOf(JSON.parse(t.app.events.sampleOf(type).body))]);
  expect(Object.fromEntries(shapes)).toMatchObject(reviewed);
});

test('and each type is promised', () => {
  expect(Object.keys(reviewed)).toEqual(allEventTypes);
});
