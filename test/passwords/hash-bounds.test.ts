import { scryptSync } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DomainError } from '../../src/errors.ts';
import { defaultArgon2Cost } from '../../src/passwords/hashes/argon2id.ts';
import { algorithms, parseImportedHash } from '../../src/passwords/imported-hash.ts';
import { type PasswordHashType, passwordHashTypes } from '../../src/passwords/stored-password.ts';
import { isCostly, verifyPassword } from '../../src/passwords/verify.ts';

const salt = 'TmFDbCBvZiAxNiBieXRlcw';
const key = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8';
const bytes = (length: number): string => Buffer.alloc(length, 7).toString('base64');

const wellFormed: Record<PasswordHashType, string> = {
  bcrypt: '$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
  scrypt: `$scrypt$v=1$n=16384,r=8,p=1,kl=32$${salt}$${key}`,
  'firebase-scrypt': `$firebase-scrypt$v=1$r=8,m=14,ss=Bw,sk=${key}$${salt}$${key}`,
  ssha: `{SSHA}${bytes(32)}`,
  ssha256: `{SSHA256}${bytes(41)}`,
  pbkdf2: `$pbkdf2$i=600000,d=sha256$${salt}$${key}`,
  argon2: `$argon2id$v=19$m=65536,t=3,p=4$${salt}$${key}`,
};

const firebaseNamed = `$firebase-scrypt$hash=${key}$salt=${salt}$sk=${key}$ss=Bw$r=8$m=14`;

/** `[what, with]` replacements that spoil the well-formed string of a type. */
const spoilt: Record<PasswordHashType, [string | RegExp, string][]> = {
  bcrypt: [
    ['$2b$', '$2x$'],
    ['$2b$', '$2$'],
    ['$2b$', '$3b$'],
    ['$05$', '$5$'],
    ['$05$', '$005$'],
    ['$05$', '$+5$'],
    ['C.E5', 'CAE5'],
    [/W$/, 'X'],
    [/W$/, ''],
    [/W$/, 'WW'],
    ['kmyu', 'km_u'],
    ['kmyu', 'km=u'],
  ],
  scrypt: [
    ['v=1', 'v=2'],
    ['v=1$', ''],
    ['n=16384', 'ln=14'],
    ['n=16384', 'n=16383'],
    ['n=16384', 'n=016384'],
    ['n=16384', 'n=+16384'],
    ['n=16384', 'n=16384.0'],
    ['n=16384', 'n=1e4'],
    ['n=16384', 'n= 16384'],
    ['n=16384', 'n=0x4000'],
    ['n=16384', 'n=-16384'],
    ['n=16384', 'n='],
    ['r=8', 'r=8,r=8'],
    ['r=8', 'r=8,x=1'],
    ['r=8,', ''],
    ['r=8,', 'r=8,,'],
    ['kl=32', 'kl=64'],
    ['kl=32', 'kl=32,'],
    ['n=16384,r=8', 'n=65536,r=1'],
    [salt, ''],
    [salt, 'QUJD'],
    [salt, bytes(129)],
    [key, bytes(15)],
    [key, bytes(129)],
  ],
  'firebase-scrypt': [
    ['v=1', 'v=0'],
    ['r=8', 'r=08'],
    ['m=14', 'm=14,m=14'],
    ['m=14', 'm=14,p=1'],
    ['m=14', 'n=16384'],
    ['ss=Bw', 'ss='],
    ['ss=Bw', 'ss=Bx'],
    ['ss=Bw', 'ss=B'],
    [`sk=${key}`, `sk=${bytes(31)}`],
    [`sk=${key}`, `sk=${bytes(65)}`],
    [salt, ''],
    [salt, bytes(65)],
    ['r=8,m=14', 'r=1,m=16'],
  ],
  ssha: [
    ['{SSHA}', '{SHA}'],
    ['{SSHA}', ''],
    [/\}.*/, `}${bytes(20)}`],
    [/\}.*/, `}${bytes(85)}`],
    [/\}.*/, '}'],
  ],
  ssha256: [
    ['{SSHA256}', '{SSHA512}'],
    ['{SSHA256}', '{SSHA}'],
    [/\}.*/, `}${bytes(32)}`],
    [/\}.*/, `}${bytes(97)}`],
  ],
  pbkdf2: [
    ['i=600000', 'i=0600000'],
    ['i=600000', 'i=600_000'],
    ['i=600000', 'i=6e5'],
    ['d=sha256', 'd=sha1'],
    ['d=sha256', 'd=SHA256'],
    ['d=sha256', 'd=md5'],
    ['d=sha256', 'd=sha256,l=32'],
    [',d=sha256', ''],
    ['$pbkdf2$', '$pbkdf2-sha256$'],
    [salt, 'QUJD'],
    [key, bytes(15)],
  ],
  argon2: [
    ['argon2id', 'argon2'],
    ['argon2id', 'argon2ID'],
    ['argon2id', 'argon2x'],
    ['v=19$', ''],
    ['v=19', 'v=16'],
    ['v=19', 'v=019'],
    ['m=65536', 'm=65536,data=QUJD'],
    ['m=65536', 'm=065536'],
    ['m=65536', 'm=65536,keyid=QUJD'],
    [',p=4', ''],
    ['t=3', 't=3,t=3'],
    ['argon2id$v=19$m=65536,t=3', 'argon2i$v=19$m=65536,t=2'],
    [salt, bytes(7)],
    [key, bytes(12)],
    [key, `${key}$${key}`],
  ],
};

/** Costs outside of the bounds, among them 8 GiB and 2^31 rounds. */
const outOfBounds: Record<PasswordHashType, [string, string][]> = {
  bcrypt: ['00', '03', '16', '31', '99'].map((cost) => ['$05$', `$${cost}$`]),
  scrypt: [
    ...['0', '1', '262144', '8388608', '2147483648', '9'.repeat(40)].map((n): [string, string] => [
      'n=16384',
      `n=${n}`,
    ]),
    ...['0', '17', '2147483648'].map((r): [string, string] => ['r=8', `r=${r}`]),
    ...['0', '11', '2147483648'].map((p): [string, string] => ['p=1', `p=${p}`]),
  ],
  'firebase-scrypt': [
    ...['0', '18', '23', '31', '4294967296'].map((m): [string, string] => ['m=14', `m=${m}`]),
    ...['0', '17', '2147483648'].map((r): [string, string] => ['r=8', `r=${r}`]),
  ],
  ssha: [],
  ssha256: [],
  pbkdf2: [
    ...['0', '1', '599999', '2000001', '2147483648'].map((i): [string, string] => ['i=600000', `i=${i}`]),
    ...['209999', '2000001'].map((i): [string, string] => ['i=600000,d=sha256', `i=${i},d=sha512`]),
  ],
  argon2: [
    ...['0', '4095', '262145', '8388608', '4294967296'].map((m): [string, string] => ['m=65536', `m=${m}`]),
    ...['0', '6', '2147483648'].map((t): [string, string] => ['t=3', `t=${t}`]),
    ...['0', '9', '16777215'].map((p): [string, string] => ['p=4', `p=${p}`]),
  ],
};

const malformed = passwordHashTypes.flatMap((type) => {
  const hash = wellFormed[type];
  const framed = [
    '',
    ` ${hash}`,
    `${hash} `,
    `${hash}\n\n`,
    `\n${hash}`,
    `${hash}\u2028`,
    `${hash}$`,
    `x${hash}`,
    `${hash}\0`,
    `${hash}${'A'.repeat(1024)}`,
  ];
  const others = passwordHashTypes.filter((other) => other !== type).map((other) => wellFormed[other]);
  const broken = [...spoilt[type], ...outOfBounds[type]].map(([what, replacement]) =>
    hash.replace(what, () => replacement),
  );
  return [...framed, ...others, ...broken].map((spoiltHash): [PasswordHashType, string] => [type, spoiltHash]);
});

const base64Variants = (text: string): string[] => [
  `${text.slice(0, -1)}-`,
  `${text.slice(0, -1)}_`,
  `${text.slice(0, 5)} ${text.slice(5)}`,
  `${text.slice(0, 5)}=${text.slice(5)}`,
  `${text}==`,
  `${text.slice(0, -1)}9`,
  text.slice(0, -2),
];

/** Every run of 8 characters or more of Base64 in a hash: what a refusal must not show. */
function secretsOf(hash: string): string[] {
  return (hash.match(/[A-Za-z0-9+/.]{8,}/g) ?? []).filter((text) => !/firebase|argon2|pbkdf2|scrypt/.test(text));
}

function refusalOf(type: PasswordHashType, hash: string): DomainError {
  try {
    parseImportedHash({ passwordHash: hash, passwordHashType: type });
  } catch (error) {
    if (error instanceof DomainError) {
      return error;
    }
    throw error;
  }
  throw new Error(`accepted as ${type}: ${hash}`);
}

test.each(passwordHashTypes)('the well-formed %s string of these tests is accepted', (type) => {
  expect(algorithms[type].check(wellFormed[type])).toBeNull();
});

test('both layouts of Firebase are accepted, and padded Base64 as well as unpadded', () => {
  expect(algorithms['firebase-scrypt'].check(firebaseNamed)).toBeNull();
  expect(
    algorithms['firebase-scrypt'].check(firebaseNamed.replaceAll(key, `${key}=`).replace('Bw', 'Bw==')),
  ).toBeNull();
  expect(algorithms.argon2.check(`${wellFormed.argon2}=`)).toBeNull();
});

/** Hashes whose every text has a `+` and a `/`, where the two alphabets differ. */
const inBothAlphabets = passwordHashTypes
  .filter((type) => type !== 'bcrypt') // it has an alphabet of its own
  .flatMap((type) => {
    const filled = wellFormed[type]
      .replaceAll(key, mixed(32))
      .replaceAll(salt, mixed(16))
      .replace(/\}.*/, `}${mixed(41)}`);
    const named = firebaseNamed.replaceAll(key, mixed(32)).replaceAll(salt, mixed(16)).replace('ss=Bw', 'ss=+/8');
    return (type === 'firebase-scrypt' ? [filled, named] : [filled]).map((hash): [PasswordHashType, string] => [
      type,
      hash,
    ]);
  });
function mixed(length: number): string {
  return Buffer.alloc(length, Buffer.from('+/+/', 'base64')).toString('base64').replaceAll('=', '');
}

test.each(inBothAlphabets)(
  '%s: URL-safe Base64 is accepted as the standard one is, but no mixture: %s',
  (type, hash) => {
    const urlSafe = hash.replaceAll('+', '-').replaceAll('/', '_');
    expect(urlSafe).not.toBe(hash);
    expect(algorithms[type].check(hash)).toBeNull();
    expect(algorithms[type].check(urlSafe)).toBeNull();
    expect(algorithms[type].check(hash.replaceAll('+', '-'))).not.toBeNull();
  },
);

test('padding is all there or not at all', () => {
  const padded = `${wellFormed.argon2}=`;
  expect(algorithms.argon2.check(padded)).toBeNull();
  for (const hash of [`${padded}=`, `${padded}==`, wellFormed.argon2.replace(salt, `${salt}=`)]) {
    expect(algorithms.argon2.check(hash)).not.toBeNull();
  }
});

test.each(passwordHashTypes)('%s: one line end behind the hash is not stored', (type) => {
  for (const lineEnd of ['\n', '\r\n', '\r']) {
    const stored = parseImportedHash({ passwordHash: wellFormed[type] + lineEnd, passwordHashType: type });
    expect(stored.hash).toBe(wellFormed[type]);
  }
});

test('the scheme of an LDAP hash may be written in any case', () => {
  for (const scheme of ['{ssha}', '{SsHa}']) expect(algorithms.ssha.check(`${scheme}${bytes(32)}`)).toBeNull();
  for (const scheme of ['{ssha256}', '{Ssha256}']) expect(algorithms.ssha256.check(`${scheme}${bytes(41)}`)).toBeNull();
  for (const scheme of ['{ßha}', '{sha}', '{ssha256}'])
    expect(algorithms.ssha.check(`${scheme}${bytes(32)}`)).not.toBeNull();
});

test('the parameters may come in any order, because writers of argon2 strings differ', () => {
  expect(algorithms.argon2.check(wellFormed.argon2.replace('m=65536,t=3,p=4', 'm=65536,p=4,t=3'))).toBeNull();
});

test('a bound is still inside: the highest and the lowest costs are accepted', () => {
  for (const cost of ['$04$', '$15$']) {
    expect(algorithms.bcrypt.check(wellFormed.bcrypt.replace('$05$', cost))).toBeNull();
  }
  for (const cost of ['n=131072,r=16,p=1', 'n=16384,r=16,p=8', 'n=2,r=1,p=1', 'n=32768,r=1,p=1']) {
    expect(algorithms.scrypt.check(wellFormed.scrypt.replace('n=16384,r=8,p=1', cost))).toBeNull();
  }
  for (const cost of ['r=16,m=17', 'r=1,m=1']) {
    expect(algorithms['firebase-scrypt'].check(wellFormed['firebase-scrypt'].replace('r=8,m=14', cost))).toBeNull();
  }
  for (const cost of ['i=2000000,d=sha256', 'i=210000,d=sha512', 'i=2000000,d=sha512']) {
    expect(algorithms.pbkdf2.check(wellFormed.pbkdf2.replace('i=600000,d=sha256', cost))).toBeNull();
  }
  for (const cost of ['m=4096,t=1,p=1', 'm=262144,t=5,p=8']) {
    expect(algorithms.argon2.check(wellFormed.argon2.replace('m=65536,t=3,p=4', cost))).toBeNull();
  }
  for (const length of [1, 64]) {
    expect(algorithms.ssha.check(`{SSHA}${bytes(20 + length)}`)).toBeNull();
    expect(algorithms.ssha256.check(`{SSHA256}${bytes(32 + length)}`)).toBeNull();
  }
});

test.each(['n=131072,r=16,p=2', 'n=131072,r=8,p=3', 'n=131072,r=16,p=10', 'n=65536,r=16,p=3'])(
  'scrypt with costs that are each in bounds and together too much is refused at import, and verified where it is stored: %s',
  (cost) => {
    const hash = wellFormed.scrypt.replace('n=16384,r=8,p=1', cost);
    expect(refusalOf('scrypt', hash).message).toContain('N * r * p is more than 2097152');
    expect(algorithms.scrypt.cost(hash)).not.toBeNull();
  },
);

test('the iterations of PBKDF2 are bounded together with the blocks of its key', () => {
  const withKey = (cost: string, length: number) =>
    wellFormed.pbkdf2.replace('i=600000,d=sha256', cost).replace(key, bytes(length));
  for (const [cost, length] of [
    ['i=2000000,d=sha256', 64],
    ['i=1000000,d=sha256', 128],
    ['i=2000000,d=sha512', 64],
    ['i=1000000,d=sha512', 128],
  ] as const) {
    expect(algorithms.pbkdf2.check(withKey(cost, length))).toBeNull();
    const oneMore = withKey(cost.replace('000,', '001,'), length);
    expect(refusalOf('pbkdf2', oneMore).message).toMatch(/more than [24]000000|from \d+ to 2000000/);
  }
  expect(refusalOf('pbkdf2', withKey('i=2000000,d=sha256', 65)).message).toContain('more than 4000000');
  expect(refusalOf('pbkdf2', withKey('i=2000000,d=sha512', 65)).message).toContain('more than 2000000');
});

test('a hash that an earlier version let in still verifies', async () => {
  const [n, r, p] = [2 ** 16, 16, 3];
  const digest = scryptSync('the right passphrase', salt, 32, { N: n, r, p, maxmem: 2 ** 28 }).toString('base64');
  const hash = `$scrypt$v=1$n=${n},r=${r},p=${p},kl=32$${Buffer.from(salt).toString('base64')}$${digest}`;
  expect(algorithms.scrypt.check(hash)).not.toBeNull();
  const stored = { hash, type: 'scrypt', saltPosition: null } as const;
  expect(await verifyPassword('the right passphrase', stored)).toBe(true);
  expect(await verifyPassword('the wrong passphrase', stored)).toBe(false);
});

test.each([
  ['argon2', '$argon2id$v=19$m=19456,t=2,p=1$', false],
  ['argon2', '$argon2id$v=19$m=19456,t=2,p=8$', false],
  ['argon2', '$argon2id$v=19$m=19457,t=1,p=1$', true],
  ['argon2', '$argon2id$v=19$m=19456,t=3,p=1$', true],
  ['scrypt', '$scrypt$v=1$n=131072,r=16,p=1,kl=32$', true],
  ['scrypt', '$scrypt$v=1$n=2048,r=8,p=1,kl=32$', false],
  ['scrypt', '$scrypt$v=1$n=2048,r=8,p=10,kl=32$', true],
  ['pbkdf2', '$pbkdf2$i=600000,d=sha256$', true],
  ['pbkdf2', '$pbkdf2$i=210000,d=sha512$', true],
] as const)('%s %s: whether it costs more than one of our own: %s', (type, start, expected) => {
  expect(isCostly({ type, hash: `${start}${salt}$${key}`, saltPosition: null }, defaultArgon2Cost)).toBe(expected);
});

test.each([
  ['04', false],
  ['09', false],
  ['10', true],
  ['15', true],
])('bcrypt of cost %s: whether it costs more than one of our own: %s', (cost, expected) => {
  const hash = wellFormed.bcrypt.replace('$05$', `$${cost}$`);
  expect(isCostly({ type: 'bcrypt', hash, saltPosition: null }, defaultArgon2Cost)).toBe(expected);
});

test('digests and what matches nothing cost nothing; Firebase costs what scrypt does', () => {
  const costly = (type: PasswordHashType, hash: string) =>
    isCostly({ type, hash, saltPosition: null }, defaultArgon2Cost);
  expect(costly('ssha', wellFormed.ssha)).toBe(false);
  expect(costly('ssha256', wellFormed.ssha256)).toBe(false);
  expect(costly('scrypt', 'nonsense')).toBe(false);
  expect(costly('md5' as PasswordHashType, 'x')).toBe(false);
  expect(algorithms['firebase-scrypt'].cost(wellFormed['firebase-scrypt'])).toEqual(
    algorithms.scrypt.cost(wellFormed.scrypt),
  );
  expect(algorithms.scrypt.cost(wellFormed.scrypt)).toMatchObject({ memoryKiB: 16_384 });
});

test.each(malformed)('%s: %j is refused at import, in words that do not show it', (type, hash) => {
  const { code, message, details } = refusalOf(type, hash);
  expect({ code, details }).toEqual({ code: 'invalid_password_hash', details: { field: 'passwordHash' } });
  expect(message).toContain(`Expected: ${algorithms[type].expected}`);
  for (const secret of secretsOf(hash)) {
    expect(message).not.toContain(secret);
  }
});

test('a malformed hash in the table matches nothing, and no work is begun for it', async () => {
  const besideHeap = () => {
    const { rss, heapTotal } = process.memoryUsage();
    return rss - heapTotal;
  };
  const before = besideHeap();
  let turns = 0;
  const count = (): void => {
    turns += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  for (const [type, hash] of malformed) {
    expect(await verifyPassword('password', { hash, type, saltPosition: null })).toBe(false);
  }
  clearImmediate(next);
  // Work on the thread pool cannot answer within one turn of the event loop, and all of this took none.
  expect(turns).toBe(0);
  expect(besideHeap() - before).toBeLessThan(64 * 1024 * 1024);
});

test.each(passwordHashTypes.filter((type) => type !== 'bcrypt'))(
  '%s: what is not canonical Base64 is refused',
  (type) => {
    const hash = wellFormed[type];
    const at = Math.max(hash.lastIndexOf('$'), hash.lastIndexOf('}')) + 1;
    const [start, text] = [hash.slice(0, at), hash.slice(at).replace(/=+$/, '')];
    for (const variant of base64Variants(text)) {
      expect([variant, algorithms[type].check(start + variant)]).not.toEqual([variant, null]);
    }
  },
);

test.each([...firebaseNamed.matchAll(/\$(hash|salt|sk|ss|r|m)=/g)].map(([, name = '']) => name))(
  "Firebase's named layout is refused without %s, or with it twice",
  (name) => {
    const pair = new RegExp(`\\$${name}=[^$]*`);
    const without = firebaseNamed.replace(pair, '');
    const twice = firebaseNamed.replace(pair, (found) => found + found);
    for (const hash of [without, twice, firebaseNamed.replace(pair, (found) => found.replace('=', '='.repeat(2)))]) {
      expect(algorithms['firebase-scrypt'].check(hash)).toEqual(expect.any(String));
    }
  },
);

test('whatever comes in, it is accepted or refused with a DomainError', () => {
  const type = fc.constantFrom(...passwordHashTypes);
  const fragment = fc.constantFrom(
    '$',
    '=',
    ',',
    '{',
    '}',
    'm=',
    'v=1',
    'n=2',
    'argon2id',
    'scrypt',
    salt,
    key,
    '0',
    '9',
  );
  const assembled = fc
    .array(fc.oneof(fragment, fc.string({ unit: 'binary', maxLength: 5 })))
    .map((parts) => parts.join(''));
  const mutated = fc
    .tuple(
      fc.constantFrom(...Object.values(wellFormed), firebaseNamed),
      fc.nat(),
      fc.string({ maxLength: 4 }),
      fc.nat(4),
    )
    .map(([hash, at, text, cut]) => hash.slice(0, at % hash.length) + text + hash.slice((at % hash.length) + cut));
  fc.assert(
    fc.property(type, fc.oneof(fc.string({ unit: 'binary' }), assembled, mutated), (hashType, hash) => {
      const problem = algorithms[hashType].check(hash);
      if (problem === null) {
        expect(parseImportedHash({ passwordHash: hash, passwordHashType: hashType }).hash).toBe(hash);
      } else {
        expect(refusalOf(hashType, hash).message).toContain(problem);
      }
    }),
    { numRuns: 3000 },
  );
});
