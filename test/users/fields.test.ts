import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { UpdateUser } from '../support/documents.ts';
import { makeUser, newAddress } from '../support/users.ts';

let t: TestApp;
let id: string;
beforeAll(async () => {
  t = await createTestApp();
  id = (await makeUser(t.app, { firstName: 'Ada' })).id;
});
afterAll(() => t.close());

const update = (input: Record<string, unknown>) => t.graphql(UpdateUser, { id, input });

async function expectStored(input: Record<string, unknown>, stored: Record<string, unknown> = input) {
  const { data, errors } = await update(input);
  expect(errors).toBeUndefined();
  expect(data?.updateUser).toMatchObject(stored);
}

async function expectRefused(input: Record<string, unknown>, code: string) {
  const { errors } = await update(input);
  expect(errors?.[0]?.extensions).toMatchObject({ code, field: Object.keys(input)[0] });
}

describe('boundaries', () => {
  test.each(['firstName', 'lastName', 'name'])(
    '%s: 255 characters and the empty string stay, 256 are refused',
    async (field) => {
      await expectStored({ [field]: '𝕏'.repeat(255) });
      await expectRefused({ [field]: 'x'.repeat(256) }, 'INVALID_REQUEST_PARAMETERS');
      await expectStored({ [field]: '' });
      await expectStored({ [field]: '  spaces stay  ' });
    },
  );

  test('externalId: 1 to 128 ASCII characters', async () => {
    await expectStored({ externalId: 'a' });
    await expectStored({ externalId: '~'.repeat(128) });
    await expectStored({ externalId: 'with/slash and space' });
    await expectRefused({ externalId: '' }, 'INVALID_REQUEST_PARAMETERS');
    await expectRefused({ externalId: 'a'.repeat(129) }, 'INVALID_REQUEST_PARAMETERS');
    await expectRefused({ externalId: 'é' }, 'INVALID_REQUEST_PARAMETERS');
  });
});

describe('locale', () => {
  test.each([
    ['en-us', 'en-US'],
    ['EN', 'en'],
    ['zh-hant-tw', 'zh-Hant-TW'],
    ['SR-LATN-RS', 'sr-Latn-RS'],
    ['es-419', 'es-419'],
    ['de-DE-u-co-PHONEBK', 'de-DE-u-co-phonebk'],
    ['x-Klingon', 'x-klingon'],
    ['en-x-US', 'en-x-us'],
    ['iw', 'iw'],
    ['sl-ROZAJ-biske', 'sl-rozaj-biske'],
    ['zh-cmn-Hans-CN', 'zh-cmn-Hans-CN'],
    ['i-klingon', 'i-klingon'],
  ])('%s is stored as %s', (typed, stored) => expectStored({ locale: typed }, { locale: stored }));

  test.each(['', 'e', 'en_US', 'en-', '-en', 'en--US', 'english language', 'en-US ', 'toolongtag', '1', 'en-a', 'ä'])(
    '%j is refused',
    (typed) => expectRefused({ locale: typed }, 'INVALID_LOCALE'),
  );

  test.each(['en\u0000', 'en\ud800'])('%j is no text at all, as in every other field', (typed) =>
    expectRefused({ locale: typed }, 'INVALID_REQUEST_PARAMETERS'),
  );
});

describe('metadata', () => {
  const pairs = (count: number, from = 0) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i + from}`, 'v']));

  test('merges key by key: a string sets, null deletes, the rest stays, an empty string is a value', async () => {
    await expectStored({ metadata: {} });
    await expectStored({ metadata: { a: '1', b: '2', c: '3' } });
    await expectStored({ metadata: { b: null, c: '', d: '4' } }, { metadata: { a: '1', c: '', d: '4' } });
    const { data } = await update({ metadata: { nothing: null } });
    expect(data?.updateUser.metadata).toEqual({ a: '1', c: '', d: '4' });
    await expectStored({ metadata: {} });
  });

  test('50 pairs after the merge stand, 51 are refused; a deletion in the same input makes room', async () => {
    await expectStored({ metadata: null }, { metadata: {} });
    await expectStored({ metadata: pairs(50) });
    await expectRefused({ metadata: { more: 'x' } }, 'INVALID_METADATA');
    await expectStored({ metadata: { key0: null, more: 'x' } }, { metadata: { more: 'x', key49: 'v' } });
    await expectRefused({ metadata: pairs(51, 100) }, 'INVALID_METADATA');
    await expectStored({ metadata: {} });
  });

  test('keys have 1 to 40 characters, values at most 600', async () => {
    await expectStored({ metadata: { ['𝕏'.repeat(40)]: '𝕏'.repeat(600) } });
    await expectRefused({ metadata: { ['k'.repeat(41)]: 'v' } }, 'INVALID_METADATA');
    await expectRefused({ metadata: { '': 'v' } }, 'INVALID_METADATA');
    await expectRefused({ metadata: { k: 'v'.repeat(601) } }, 'INVALID_METADATA');
    await expectStored({ metadata: {} });
  });

  test.each([
    ['a number', { metadata: { plan: 7 } }, '"plan"'],
    ['a nested object', { metadata: { ok: 'x', plan: { a: 'b' } } }, '"plan"'],
    ['a list', { metadata: { plan: ['a'] } }, '"plan"'],
    ['a boolean', { metadata: { plan: true } }, '"plan"'],
  ])('%s is refused, naming the key', async (_what, input, key) => {
    const { errors } = await update(input);
    expect(errors?.[0]?.message).toContain(key);
    expect(errors?.[0]?.extensions.code).toBe('INVALID_METADATA');
  });

  test.each([[[]], ['text'], [7], [true]])('%j is no metadata', (value) =>
    expectRefused({ metadata: value }, 'INVALID_METADATA'),
  );

  test('U+0000 and half a surrogate pair are refused in keys and values', async () => {
    await expectRefused({ metadata: { 'a\u0000': 'v' } }, 'INVALID_REQUEST_PARAMETERS');
    await expectRefused({ metadata: { a: '\udc00' } }, 'INVALID_REQUEST_PARAMETERS');
  });

  test('a key named like a part of every object is only a key; __proto__, which Prisma would lose, is refused', async () => {
    await expectStored({ metadata: { constructor: 'c', toString: 't' } });
    await expectStored({ metadata: {} });
    await expectRefused({ metadata: JSON.parse('{"__proto__":"p"}') }, 'INVALID_METADATA');
    const inline = `mutation { updateUser(id: "${id}", input: { metadata: { __proto__: "p" } }) { id } }`;
    expect((await t.graphql(inline)).errors?.[0]?.extensions.code).toBe('INVALID_METADATA');
  });

  test('is answered in the order of its keys', async () => {
    const { data } = await update({ metadata: { b: '2', a: '1', c: '3' } });
    expect(Object.keys(data?.updateUser.metadata ?? {})).toEqual(['a', 'b', 'c']);
  });
});

describe('an update that changes nothing', () => {
  test('writes nothing: neither updatedAt nor version moves', async () => {
    const email = newAddress();
    const all = {
      email,
      emailVerified: true,
      firstName: 'A',
      lastName: 'B',
      name: 'C',
      externalId: `none-${email}`,
      metadata: { a: '1' },
      locale: 'en-US',
    };
    await update({ metadata: null });
    const first = await update(all);
    for (const input of [{}, all, { metadata: { b: null } }, { locale: 'EN-us' }, { email: ` ${email} ` }]) {
      const { data } = await update(input);
      expect(data?.updateUser).toEqual(first.data?.updateUser);
    }
  });

  test('the stored hash given again is no change; the same password is one', async () => {
    const hash = {
      passwordHash: '$2b$10$abcdefghijklmnopqrstuuMZQpx0Np8UXlNYU5gRMVSpzqMTpcGGi',
      passwordHashType: 'BCRYPT',
    };
    const first = (await update(hash)).data?.updateUser.version ?? 0;
    expect((await update(hash)).data?.updateUser.version).toBe(first);
    await update({ password: 'one passphrase of mine' });
    expect((await update({ password: 'one passphrase of mine' })).data?.updateUser.version).toBe(first + 2);
  });
});

describe('updatedAt', () => {
  test('differs after each change and never goes backwards, also when the clock does', async () => {
    const { app } = t;
    const times: string[] = [];
    for (const [i, offset] of [0, 0, -60_000, -120_000, 0].entries()) {
      const frozen = { ...app, now: () => new Date(Date.UTC(2030, 0, 1) + offset) };
      const { updateUser } = await import('../../src/users/update.ts');
      const user = await updateUser(frozen, 'roster', id, { name: `name ${i}` });
      times.push(user.updatedAt.toISOString());
    }
    expect([...times].sort()).toEqual(times);
    expect(new Set(times).size).toBe(times.length);
    expect(times[0]).toBe('2030-01-01T00:00:00.000Z');
  });
});
