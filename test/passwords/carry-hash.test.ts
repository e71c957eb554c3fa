import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { carryHash, type SourceHash } from '../../src/passwords/carry-hash.ts';
import { isCostly, isQuick, verifyPassword } from '../../src/passwords/verify.ts';
import { type CarriedVector, carriedVectors, cheapCost, storedOf, tampered } from './carried-vectors.ts';

test.each(
  carriedVectors.map((vector, i) => [vector.by, vector.algorithm ?? vector.hash.slice(0, 16), i, vector] as const),
)(
  'by %s, %s (%i): carried as it should be, its password matches, another one and a tampered hash do not',
  async (_by, _algorithm, _i, vector) => {
    const carried = carryHash(vector);
    const stored = await storedOf(vector);
    expect({ way: carried.kind, type: stored.type }).toEqual({ way: vector.way, type: vector.type });
    expect(await verifyPassword(vector.password, stored)).toBe(true);
    expect(await verifyPassword(`${vector.password}x`, stored)).toBe(false);
    const other = tampered(vector);
    if (carryHash(other).kind !== 'refused') {
      expect(await verifyPassword(vector.password, await storedOf(other))).toBe(false);
    }
  },
);

const digest = Buffer.alloc(32, 7);
const base64 = digest.toString('base64');
const hex = digest.toString('hex');

/** What cannot be carried: hashes that are malformed, out of bounds, or do not say all that is needed. */
const refused: [string, SourceHash][] = [
  ['PBKDF2 beyond the ceiling', { hash: `pbkdf2_sha256$2000001$salt$${base64}` }],
  ['PBKDF2 with SHA-1 beyond the ceiling', { hash: `pbkdf2_sha1$2147483647$salt$${base64}` }],
  ['PBKDF2 whose blocks are too many for its iterations', { hash: `pbkdf2_sha1$1500000$salt$${base64}` }],
  ['PBKDF2 of no iterations', { hash: `$pbkdf2-sha256$i=0,l=32$c2FsdA$${base64}` }],
  ['scrypt beyond the ceiling', { hash: `scrypt$262144$salt$8$1$${base64}` }],
  ['scrypt with too much of all', { hash: `scrypt:131072:16:10$salt$${hex}` }],
  ['scrypt whose N is no power of two', { hash: `$scrypt$ln=1000,r=8,p=1$c2FsdHNhbHQ$${base64}` }],
  ['scrypt with a cost that is none', { hash: `scrypt$x$salt$8$1$${base64}` }],
  ['argon2 beyond the ceiling', { hash: '$argon2id$v=19$m=262145,t=1,p=1$c2FsdHNhbHQ$AAECAwQFBgcICQoLDA0ODw' }],
  ['argon2 with too many passes', { hash: '$argon2id$v=19$m=4096,t=11,p=1$c2FsdHNhbHQ$AAECAwQFBgcICQoLDA0ODw' }],
  ['argon2 with too much of both', { hash: '$argon2id$v=19$m=262144,t=6,p=1$c2FsdHNhbHQ$AAECAwQFBgcICQoLDA0ODw' }],
  [
    'argon2 with less memory than lanes take',
    { hash: '$argon2id$v=19$m=31,t=2,p=4$c2FsdHNhbHQ$AAECAwQFBgcICQoLDA0ODw' },
  ],
  ['argon2 of version 16', { hash: '$argon2id$v=16$m=4096,t=3,p=1$c2FsdHNhbHQ$AAECAwQFBgcICQoLDA0ODw' }],
  ['argon2 without a version', { hash: '$argon2id$m=4096,t=3,p=1$c2FsdHNhbHQ$AAECAwQFBgcICQoLDA0ODw' }],
  ['bcrypt beyond the ceiling', { hash: '$2b$16$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW' }],
  ['bcrypt of the broken kind', { hash: '$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW' }],
  ['crypt with too many rounds', { hash: `$6$rounds=1000001$salt$${'a'.repeat(85)}.` }],
  ['crypt with too few rounds', { hash: `$6$rounds=999$salt$${'a'.repeat(85)}.` }],
  ['crypt with a salt that is too long', { hash: `$6$${'s'.repeat(17)}$${'a'.repeat(85)}.` }],
  ['crypt whose last character has bits too many', { hash: `$6$salt$${'a'.repeat(85)}z` }],
  ['yescrypt', { hash: '$y$j9T$salt$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' }],
  ['the crypt of old', { hash: '{CRYPT}saVtfvvOVbJGY' }],
  ['phpass with too many rounds', { hash: `$P$JIRQaTwmf${'a'.repeat(21)}.` }],
  ['phpass with too few rounds', { hash: `$P$4IRQaTwmf${'a'.repeat(21)}.` }],
  [
    'a digest of FusionAuth with too many rounds',
    { hash: base64, algorithm: 'fusionauth:salted-sha256', salt: 'c2FsdA==', parameters: { factor: 1_000_001 } },
  ],
  [
    'a digest of FusionAuth without its factor',
    { hash: base64, algorithm: 'fusionauth:salted-sha256', salt: 'c2FsdA==' },
  ],
  ['a scheme of LDAP that nobody knows', { hash: `{X-SECRET}${base64}` }],
  ['an unsalted scheme of LDAP with more behind it', { hash: `{SHA256}${Buffer.alloc(40).toString('base64')}` }],
  ['a salted scheme of LDAP with too little', { hash: `{SSHA512}${base64}` }],
  ['a password in LDAP that is none', { hash: '{CLEARTEXT}secret passphrase' }],
  ['a bare digest whose algorithm is not named', { hash: hex }],
  ['a digest whose salt may have stood on either side', { hash: `salt$${hex}`, algorithm: 'clerk:sha256_salted' }],
  [
    'PBKDF2 of Clerk whose hash has another length',
    { hash: `pbkdf2_sha1$5000$salt$${hex}$20`, algorithm: 'clerk:pbkdf2_sha1' },
  ],
  ['a digest of another length', { hash: hex, algorithm: 'sha512' }],
  ['a digest with a salt, whose place is not said', { hash: hex, algorithm: 'sha256', salt: 'salt' }],
  [
    'a digest with a salt, whose place is misspelled',
    { hash: hex, algorithm: 'sha256', salt: 'salt', parameters: { saltPosition: 'middle' } },
  ],
  [
    'a digest of Okta with a salt, whose place is not said',
    { hash: base64, algorithm: 'okta:SHA-256', salt: 'c2FsdA==' },
  ],
  [
    'a digest of a password in UTF-16',
    { hash: hex, algorithm: 'auth0:sha256', parameters: { password: { encoding: 'utf16le' } } },
  ],
  ['an HMAC without its key', { hash: hex, algorithm: 'auth0:hmac', parameters: { hash: { digest: 'sha256' } } }],
  ['an algorithm that nobody knows', { hash: hex, algorithm: 'whirlpool' }],
  [
    'an HMAC with MD4 (Kratos hasher_test.go)',
    { hash: '$hmac-md4$MWQ5ZTI4Nzc2Zjg4YmE2MTQ5YjQ0OTMyOGE4NWU4YjA=$MTIzNDU=' },
  ],
  ['MD4', { hash: hex.slice(0, 32), algorithm: 'md4' }],
  ['a user of Django without a password', { hash: `!${'a'.repeat(40)}` }],
  [
    'PBKDF2 of Keycloak without its iterations',
    { hash: base64, algorithm: 'keycloak:pbkdf2-sha256', salt: 'c2FsdA==' },
  ],
  [
    'argon2 of Keycloak of version 1.0',
    {
      hash: base64,
      algorithm: 'keycloak:argon2',
      salt: 'c2FsdHNhbHQ=',
      parameters: { hashIterations: 3, memory: 4096, parallelism: 1, version: '1.0' },
    },
  ],
  ['a hash of Firebase without the project', { hash: base64, algorithm: 'firebase:scrypt', salt: 'c2FsdA==' }],
  ['a hash of Clerk that Cognito has', { hash: 'awscognito#pool#client#id', algorithm: 'clerk:awscognito' }],
  [
    'better-auth with a key that is not hexadecimal',
    { hash: `${'a'.repeat(32)}:${'x'.repeat(128)}`, algorithm: 'better-auth' },
  ],
  [
    'ASP.NET with a function that nobody knows',
    { hash: 'AQAAAAMAACcQAAAAEAABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwpVFIEtP+JIuUEw==' },
  ],
  [
    'ASP.NET with a salt that is longer than all of it',
    { hash: 'AQAAAAEAACcQ/////wABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwpVFIEtP+JIuUEw==' },
  ],
  [
    'a digest of Kratos whose password stands twice',
    { hash: `$sha256$pf=${Buffer.from('{PASSWORD}{PASSWORD}').toString('base64')}$c2FsdA==$${base64}` },
  ],
  ['settings that are smuggled in through a salt', { hash: `$argon2id$v=19$m=64,t=2,p=1$c2FsdHNhbHQ,t=9$${base64}` }],
  ['a type of Roster that there is not', { hash: hex, algorithm: 'roster:md5' }],
  [
    'a wrapped hash out of bounds',
    {
      hash: `$wrapped$v=1$pbkdf2$d=sha1,i=2000001,l=20,salt=c2FsdA$m=4096,t=1,p=1$c2FsdHNhbHQ$${base64.replace('=', '')}`,
      algorithm: 'roster:wrapped',
    },
  ],
  [
    'a wrapped hash of an unknown function',
    {
      hash: `$wrapped$v=1$constructor$d=sha1$m=4096,t=1,p=1$c2FsdHNhbHQ$${base64.replace('=', '')}`,
      algorithm: 'roster:wrapped',
    },
  ],
  [
    'a wrapped hash that does not say that it is ours',
    { hash: `$wrapped$v=1$hmac$d=sha1,key=,before=,after=$m=4096,t=1,p=1$c2FsdHNhbHQ$${base64.replace('=', '')}` },
  ],
  ['nothing', { hash: '' }],
  ['what is longer than any hash', { hash: `{SHA}${'A'.repeat(2_000)}` }],
];

test.each(refused)('%s is refused, in words that do not show the hash', (_what, source) => {
  const carried = carryHash(source);
  expect(carried.kind).toBe('refused');
  const { reason } = carried as { reason: string };
  expect(reason).toMatch(/^This hash cannot be used: .+[^.]\.$/);
  for (const secret of source.hash.match(/[A-Za-z0-9+/.]{17,}/g) ?? []) expect(reason).not.toContain(secret);
});

test('nothing is computed for what is refused, and reading one is quick', () => {
  const startedAt = process.cpuUsage();
  for (const [, source] of refused) carryHash(source);
  for (const vector of carriedVectors) carryHash(vector);
  expect(process.cpuUsage(startedAt).user).toBeLessThan(1_000_000); // to compute these would take many seconds
});

test('a type of our own export comes back as it left', async () => {
  for (const vector of carriedVectors) {
    const stored = await storedOf(vector);
    const parameters = stored.saltPosition ? { saltPosition: stored.saltPosition } : {};
    const carried = carryHash({ hash: stored.hash, algorithm: `roster:${stored.type}`, parameters });
    expect(carried).toEqual({ kind: 'native', ...stored });
  }
});

test('the same prefix is read by who wrote it: to Clerk the salt is Base64, to Django it is text', async () => {
  const vector = carriedVectors.find(({ algorithm }) => algorithm === 'clerk:pbkdf2_sha256') as CarriedVector;
  expect(await verifyPassword(vector.password, await storedOf(vector))).toBe(true);
  const asDjango = { hash: vector.hash, algorithm: 'clerk:pbkdf2_sha256_django' };
  expect(await verifyPassword(vector.password, await storedOf(asDjango))).toBe(false);
});

test('a password longer than any that was set matches no wrapped hash, by its start neither', async () => {
  const password = 'p'.repeat(1_024);
  const stored = await storedOf({ hash: createHash('sha256').update(password).digest('hex'), algorithm: 'sha256' });
  expect(await verifyPassword(password, stored)).toBe(true);
  expect(await verifyPassword(`${password}p`, stored)).toBe(false);
});

test('a line end behind a hash is not part of it', () => {
  const [vector] = carriedVectors as [CarriedVector];
  expect(carryHash({ ...vector, hash: `${vector.hash}\r\n` })).toEqual(carryHash(vector));
});

test('a wrapped digest costs what argon2id does, and no more than that where the digest is made once', async () => {
  const stored = await storedOf({ hash: hex, algorithm: 'sha256' });
  expect(isCostly(stored, cheapCost)).toBe(false);
  expect(isQuick(stored, cheapCost)).toBe(false); // a wrong password needs no decoy to take as long
  const django = await storedOf({ hash: `pbkdf2_sha256$260000$salt$${base64}` });
  expect(isCostly(django, cheapCost)).toBe(true);
});
