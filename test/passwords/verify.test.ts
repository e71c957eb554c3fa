import { expect, test } from 'vitest';
import { assertArgon2Cost, defaultArgon2Cost, hashPassword } from '../../src/passwords/hashes/argon2id.ts';
import type { PasswordHashType, StoredPassword } from '../../src/passwords/stored-password.ts';
import { decoyHash, needsRehash, verifyPassword } from '../../src/passwords/verify.ts';

const cheap = { memoryKiB: 4096, timeCost: 1, parallelism: 1 };

const argon2 = (start: string): StoredPassword => ({
  hash: `${start}$c2FsdCBvZiAxNiBieXRlcw$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8`,
  type: 'argon2',
  saltPosition: null,
});

test('a new password is stored as argon2id in the form that the reference decoder reads', async () => {
  const stored = await hashPassword('correct horse battery staple', defaultArgon2Cost);
  expect(stored).toEqual({
    hash: expect.stringMatching(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/),
    type: 'argon2',
    saltPosition: null,
  });
  expect(await verifyPassword('correct horse battery staple', stored)).toBe(true);
  expect(await verifyPassword('correct horse battery stapl', stored)).toBe(false);
});

test('the same password never has the same hash twice', async () => {
  const [first, second] = await Promise.all([hashPassword('same', cheap), hashPassword('same', cheap)]);
  expect(first.hash).not.toBe(second.hash);
});

test.each(['Zoë', ' padded ', '密码🔑', 'a\0b', 'x'.repeat(300)])(
  'the exact bytes of %j match and nothing else',
  async (password) => {
    const stored = await hashPassword(password, cheap);
    expect(await verifyPassword(password, stored)).toBe(true);
    expect(await verifyPassword(`${password} `, stored)).toBe(false);
    expect(await verifyPassword(password.slice(0, -1), stored)).toBe(false);
  },
);

test('Unicode is not normalised: another spelling of the same letters is another password', async () => {
  const stored = await hashPassword('Zo\u00eb', cheap);
  expect(await verifyPassword('Zoe\u0308', stored)).toBe(false);
});

test('an unpaired surrogate does not match as the replacement character that UTF-8 makes of it', async () => {
  const stored = await hashPassword('\ufffd', cheap);
  expect(await verifyPassword('\ufffd', stored)).toBe(true);
  expect(await verifyPassword('\ud800', stored)).toBe(false);
});

test('a cost whose hashes could not be verified again is refused before anything is hashed', async () => {
  for (const wrong of [{ memoryKiB: 8 * 1024 * 1024 }, { timeCost: 6 }, { parallelism: 0 }, { memoryKiB: 4096.5 }]) {
    expect(() => assertArgon2Cost({ ...cheap, ...wrong })).toThrow(RangeError);
    await expect(hashPassword('x', { ...cheap, ...wrong })).rejects.toThrow(RangeError);
  }
  expect(() => assertArgon2Cost(defaultArgon2Cost)).not.toThrow();
});

test('a row of an unknown type matches nothing', async () => {
  for (const type of ['md5', 'constructor', '__proto__'] as unknown as PasswordHashType[]) {
    expect(await verifyPassword('x', { hash: 'x', type, saltPosition: null })).toBe(false);
  }
});

test.each([
  ['argon2id at the cost of today', argon2('$argon2id$v=19$m=19456,t=2,p=1'), false],
  ['argon2id above it', argon2('$argon2id$v=19$m=65536,t=3,p=4'), false],
  ['argon2id with less memory', argon2('$argon2id$v=19$m=19455,t=5,p=8'), true],
  ['argon2id with fewer passes', argon2('$argon2id$v=19$m=65536,t=1,p=4'), true],
  ['argon2i', argon2('$argon2i$v=19$m=65536,t=3,p=4'), true],
  ['argon2d', argon2('$argon2d$v=19$m=65536,t=3,p=4'), true],
  ['an unusable hash', argon2('$argon2id$v=19$m=8388608,t=3,p=4'), true],
  [
    'an imported type',
    { hash: '{SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3', type: 'ssha', saltPosition: null } as const,
    true,
  ],
] as [string, StoredPassword, boolean][])(
  '%s is replaced after a sign-in, or is not: %#',
  (_name, stored, expected) => {
    expect(needsRehash(stored, defaultArgon2Cost)).toBe(expected);
  },
);

test('fewer lanes than today are replaced too', () => {
  expect(needsRehash(argon2('$argon2id$v=19$m=19456,t=2,p=1'), { ...defaultArgon2Cost, parallelism: 2 })).toBe(true);
});

test('the decoy is a real hash at the asked cost, made once per cost, that matches nothing', async () => {
  const decoy = await decoyHash(cheap);
  expect(await decoyHash({ ...cheap })).toBe(decoy);
  expect(await decoyHash({ ...cheap, timeCost: 2 })).not.toBe(decoy);
  expect(needsRehash(decoy, cheap)).toBe(false);
  expect(await verifyPassword('', decoy)).toBe(false);
});

test('a decoy that could not be made is tried again, not remembered', async () => {
  const impossible = { ...cheap, timeCost: 99 };
  await expect(decoyHash(impossible)).rejects.toThrow(RangeError);
  await expect(decoyHash(impossible)).rejects.toThrow(RangeError);
});
