import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonicalJson } from '../../src/idempotency/keyed-request.ts';
import { lifeOfKey } from '../../src/idempotency/keys.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { at } from '../support/clock.ts';
import { ask, operation } from '../support/keyed.ts';
import { makeUser, newAddress } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp();
});
afterAll(() => t.close());

const uuid = () => randomUUID();
const ofContent = () => `retry-${'0123456789abcdef'.repeat(4)}`;
const node11 = 'workos-node/11.0.0 (node/v20.20.0)';
const python = 'WorkOS Python/3.12 Python SDK/6.0.0';
const [minute, day] = [60_000, 24 * 3_600_000];

/** Keys, by whom they are sent, and how long they count. */
const lives: [key: () => string, userAgent: string | null, ms: number][] = [
  [() => `order ${uuid()}`, null, day],
  [uuid, null, day],
  [() => `retry-${uuid()}`, 'undici', day],
  [() => `retry-${uuid()}`, node11, 10 * minute],
  [() => `workos-node-${uuid()}`, 'workos-node/8.13.0', 10 * minute],
  [uuid, python, 10 * minute],
  [uuid, 'workos-go/6.1.0', 10 * minute],
  [() => 'order 4711', python, day],
  [ofContent, 'WorkOS Kotlin/7.2.0', minute],
  [ofContent, null, minute],
];

describe('a key counts for as long as its kind', () => {
  test.each(lives)('%s by %s', async (newKey, userAgent, ms) => {
    const [key, email] = [newKey(), newAddress()];
    expect(lifeOfKey(key, userAgent)).toBe(ms);
    const call = {
      method: 'POST',
      path: '/user_management/users',
      body: { email },
      headers: userAgent === null ? {} : { 'user-agent': userAgent },
    };
    const start = new Date();
    const first = await at(t, start, () => ask(t, key, call));
    expect(first.status).toBe(201);
    const late = await at(t, new Date(start.getTime() + ms - 1), () => ask(t, key, call));
    expect([late.status, late.text, late.replayed]).toEqual([201, first.text, true]);
    const over = await at(t, new Date(start.getTime() + ms), () => ask(t, key, call));
    expect([over.body.code, over.replayed]).toEqual(['user_creation_error', false]);
    const other = { ...call, body: { email: newAddress() } };
    const anew = await at(t, new Date(start.getTime() + ms), () => ask(t, key, other));
    expect([anew.status, anew.replayed]).toEqual([201, false]);
    await t.app.db.transaction((tx) => tx.prisma.idempotentRequest.deleteMany()); // some keys here are alike
  });
});

describe('a key has 1 to 255 printable characters of ASCII', () => {
  const wrong = ['', 'x'.repeat(256), 'a\tb', 'café'];
  test.each(wrong)('%j gets 400, and nothing is done', async (key) => {
    const before = await t.app.db.reader.user.count();
    const rest = await ask(t, key, { method: 'POST', path: '/user_management/users', body: { email: newAddress() } });
    expect([rest.status, rest.body.code]).toEqual([400, 'bad_request']);
    const query = `mutation { createUser(input: { email: "${newAddress()}" }) { id } }`;
    const graphql = await ask(t, null, operation(query, {}, { extensions: { idempotencyKey: key } }));
    expect([graphql.status, graphql.body.errors[0].extensions.code]).toEqual([400, 'BAD_REQUEST']);
    expect(await t.app.db.reader.user.count()).toBe(before);
  });

  test('all others are taken', async () => {
    const all = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('');
    for (const key of ['x', 'x'.repeat(255), `-${all}-`]) {
      const { id } = await makeUser(t.app);
      const call = { method: 'PUT', path: `/user_management/users/${id}`, body: { first_name: 'Ada' } };
      expect((await ask(t, key, call)).status).toBe(200);
      expect((await ask(t, key, call)).replayed).toBe(true);
    }
  });

  test('in GraphQL it is a text, and the same in both places', async () => {
    const { id } = await makeUser(t.app);
    const query = `mutation { updateUser(id: "${id}", input: { firstName: "Ada" }) { version } }`;
    const given = (idempotencyKey: unknown) => operation(query, {}, { extensions: { idempotencyKey } });
    for (const wrong of [1, true, {}, []]) expect((await ask(t, null, given(wrong))).status).toBe(400);
    expect((await ask(t, 'a', given('b'))).status).toBe(400);
    expect((await ask(t, 'c', given('c'))).body.data.updateUser.version).toBe(2);
    expect((await ask(t, null, given('c'))).replayed).toBe(true);
    expect((await ask(t, 'c', operation(query))).replayed).toBe(true);
  });
});

test('the order of names in JSON does not matter, the order of a list does', () => {
  const canonical = (value: unknown) => canonicalJson(value, '');
  expect(canonical({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
  expect(canonical([1, 2])).not.toBe(canonical([2, 1]));
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  expect(canonicalJson(JSON.parse(deep), deep)).toBe(deep);
});
