import { pbkdf2Sync } from 'node:crypto';
import { hash as argon2Hash, argon2id } from 'argon2';
import { expect, test } from 'vitest';
import { parseImportedHash } from '../../src/passwords/imported-hash.ts';
import type { PasswordHashType, SaltPosition } from '../../src/passwords/stored-password.ts';
import { verifyPassword } from '../../src/passwords/verify.ts';
import { outOfBoundsVectors, publishedVectors } from './published-vectors.ts';
import foreignVectors from './vectors.json' with { type: 'json' };

interface Vector {
  type: string;
  password: string;
  hash: string;
  saltPosition?: string;
}

const vectors: (Vector & { from: string })[] = [
  ...publishedVectors.map((vector) => ({ ...vector, from: vector.source })),
  ...foreignVectors.map((vector) => ({ ...vector, from: vector.by })),
];

function store({ type, hash, saltPosition }: Vector) {
  return parseImportedHash({
    passwordHash: hash,
    passwordHashType: type as PasswordHashType,
    passwordSaltPosition: saltPosition as SaltPosition | undefined,
  });
}

/** The same hash with the first character of its digest changed. */
function tamper(hash: string): string {
  const named = hash.indexOf('hash=');
  const start = named >= 0 ? named + 5 : hash.startsWith('$2') ? hash.length - 31 : /[$}][^$}]*$/.exec(hash)?.index;
  const at = named >= 0 || hash.startsWith('$2') ? Number(start) : Number(start) + 1;
  return `${hash.slice(0, at)}${hash[at] === 'B' ? 'C' : 'B'}${hash.slice(at + 1)}`;
}

test.each(vectors)('$type from $from: $password verifies', async (vector) => {
  expect(await verifyPassword(vector.password, store(vector))).toBe(true);
});

const rewritten = vectors
  .filter(({ type }) => type !== 'bcrypt')
  .map((vector) => ({
    ...vector,
    hash: vector.hash
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replace(/^\{\w+\}/, (scheme) => scheme.toLowerCase()),
  }))
  .filter(({ hash }, i) => hash !== vectors.filter(({ type }) => type !== 'bcrypt')[i]?.hash);

test.each(rewritten)('$type from $from: $password verifies in URL-safe Base64 and small letters', async (vector) => {
  expect(await verifyPassword(vector.password, store(vector))).toBe(true);
  expect(await verifyPassword(`${vector.password}!`, store(vector))).toBe(false);
});

test('nearly all types have such a vector', () => {
  expect([...new Set(rewritten.map(({ type }) => type))].sort()).toEqual([
    'argon2',
    'firebase-scrypt',
    'pbkdf2',
    'scrypt',
    'ssha',
    'ssha256',
  ]);
});

test.each(vectors)('$type from $from: no other password than $password verifies', async (vector) => {
  expect(await verifyPassword(`${vector.password}!`, store(vector))).toBe(false);
});

test.each(vectors)('$type from $from: a tampered hash of $password does not verify', async (vector) => {
  expect(await verifyPassword(vector.password, store({ ...vector, hash: tamper(vector.hash) }))).toBe(false);
});

test('there are vectors of other implementations for every type, each with the command that made it', () => {
  const types = new Set(foreignVectors.map(({ type }) => type));
  expect([...types].sort()).toEqual(['argon2', 'bcrypt', 'firebase-scrypt', 'pbkdf2', 'scrypt', 'ssha', 'ssha256']);
  expect(foreignVectors.every(({ command }) => command.length > 0)).toBe(true);
});

test.each(outOfBoundsVectors)('$type of $source is refused at import and at verify', async (vector) => {
  expect(() => store(vector)).toThrow(expect.objectContaining({ code: 'invalid_password_hash' }));
  const row = { hash: vector.hash, type: vector.type, saltPosition: null };
  expect(await verifyPassword(vector.password, row)).toBe(false);
});

test('the libraries underneath compute what the standards say where our bounds keep us from importing it', async () => {
  // RFC 9106 section 5.3: costs that we refuse, and a secret and associated data that no stored hash has.
  const tag = await argon2Hash(Buffer.alloc(32, 1), {
    type: argon2id,
    memoryCost: 32,
    timeCost: 3,
    parallelism: 4,
    salt: Buffer.alloc(16, 2),
    secret: Buffer.alloc(8, 3),
    associatedData: Buffer.alloc(12, 4),
    raw: true,
  });
  expect(tag.toString('hex')).toBe('0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659');
  // RFC 6070's fourth case with SHA-256 and SHA-512 in place of SHA-1.
  expect(pbkdf2Sync('password', 'salt', 4096, 32, 'sha256').toString('hex')).toBe(
    'c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a',
  );
  expect(pbkdf2Sync('password', 'salt', 4096, 64, 'sha512').toString('hex')).toBe(
    'd197b1b33db0143e018b12f3d1d1479e6cdebdcc97c5c0f87f6902e072f457b5143f30602641b3d55cd335988cb36b84376060ecd532e039b742a239434af2d5',
  );
});

test('ssha256 is read with the salt at the end unless the import says otherwise', async () => {
  const prefixed = foreignVectors.find(({ saltPosition }) => saltPosition === 'prefix');
  const { type = '', hash = '', password = '' } = prefixed ?? {};
  expect(store({ type, hash, password })).toMatchObject({ saltPosition: 'suffix' });
  expect(await verifyPassword(password, store({ type, hash, password }))).toBe(false);
  expect(await verifyPassword(password, store({ type, hash, password, saltPosition: 'prefix' }))).toBe(true);
});

test('a salt position is stored for ssha256 only, and refused with any other type', () => {
  const ssha = { type: 'ssha', hash: '{SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3', password: 'secret' };
  expect(store(ssha)).toEqual({ hash: ssha.hash, type: 'ssha', saltPosition: null });
  expect(() => store({ ...ssha, saltPosition: 'suffix' })).toThrow(
    expect.objectContaining({ code: 'invalid_request_parameters', details: { field: 'passwordSaltPosition' } }),
  );
});

test('a password is compared byte for byte: no trimming, no normalisation, no folding of case', async () => {
  const vector = vectors.find(({ password, type }) => password.startsWith('Pässwörd') && type === 'bcrypt');
  const stored = store(vector ?? { type: '', hash: '', password: '' });
  const password = vector?.password ?? '';
  expect(await verifyPassword(password, stored)).toBe(true);
  expect(await verifyPassword(password.normalize('NFD'), stored)).toBe(false);
  expect(await verifyPassword(`${password} `, stored)).toBe(false);
  expect(await verifyPassword(password.toLowerCase(), stored)).toBe(false);
});
