import { expect, test } from 'vitest';
import type { StoredPassword } from '../../src/passwords/stored-password.ts';
import { verifyPassword } from '../../src/passwords/verify.ts';
import foreignVectors from './vectors.json' with { type: 'json' };

const row = (hash: string): StoredPassword => ({ hash, type: 'bcrypt', saltPosition: null });

// Made from the first 72 bytes of a longer password; crypt_blowfish's own tests expect the longer one to match too.
const longVector = '$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui';
const long = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored';

test.each(['2a', '2b', '2y'])(
  'under $%s$ a password longer than 72 bytes never matches by its first 72',
  async (name) => {
    const stored = row(longVector.replace('2a', name));
    expect(await verifyPassword(long.slice(0, 72), stored)).toBe(true);
    expect(await verifyPassword(long.slice(0, 73), stored)).toBe(false);
    expect(await verifyPassword(long, stored)).toBe(false);
    // 255 bytes and the NUL make a length of 0 where the length is kept in one byte.
    expect(await verifyPassword(long.slice(0, 72) + 'x'.repeat(255 - 72), stored)).toBe(false);
  },
);

test('the 72 are bytes of UTF-8, not characters', async () => {
  const exact = foreignVectors.find(({ type, password }) => type === 'bcrypt' && password.length === 72);
  const stored = row(exact?.hash ?? '');
  expect(await verifyPassword(exact?.password ?? '', stored)).toBe(true);
  expect(await verifyPassword('é'.repeat(37), stored)).toBe(false);
});

test('a password with a NUL never matches by what is before it', async () => {
  const stored = row('$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW');
  expect(await verifyPassword('U*U', stored)).toBe(true);
  expect(await verifyPassword('U*U\0', stored)).toBe(false);
  expect(await verifyPassword('U*U\0more', stored)).toBe(false);
  // bcrypt repeats the password and a NUL until 72 bytes are full: to it this is the same key.
  expect(await verifyPassword('U*U\0U*U', stored)).toBe(false);
  expect(await verifyPassword('', stored)).toBe(false);
});

test('the event loop goes on turning while a hash is computed', async () => {
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  await verifyPassword('wrong', row('$2b$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'));
  clearInterval(timer);
  expect(turns).toBeGreaterThan(0);
});
