import type { PasswordHashType } from '../../src/passwords/stored-password.ts';

/** A password and its hash as somebody published them; `source` says where. */
export interface PublishedVector {
  type: PasswordHashType;
  source: string;
  password: string;
  hash: string;
}

const base64 = (hex: string): string => Buffer.from(hex.replaceAll(' ', ''), 'hex').toString('base64');

const SODIUM_CHLORIDE = Buffer.from('SodiumChloride').toString('base64');

/** Published vectors whose costs are within our bounds. */
export const publishedVectors: PublishedVector[] = [
  ...[
    ['U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
    ['U*U*', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK'],
    ['U*U*U', '$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a'],
    ['', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy'],
  ].map(([password = '', hash = '']) => ({
    type: 'bcrypt' as const,
    source: 'crypt_blowfish wrapper.c',
    password,
    hash,
  })),
  ...[
    ['a', '$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe'],
    ['abc', '$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i'],
    ['abcdefghijklmnopqrstuvwxyz', '$2a$06$.rCVZVOThsIa97pEDOxvGuRRgzG64bvtJ0938xuqzv18d3ZpQhstC'],
    ['~!@#$%^&*()      ~!@#$%^&*()PNBFRD', '$2a$06$fPIsBO8qRqkjj273rfaOI.HtSV9jLDpTbZn782DC6/t7qT67P6FfO'],
  ].map(([password = '', hash = '']) => ({
    type: 'bcrypt' as const,
    source: 'jBCrypt TestBCrypt.java',
    password,
    hash,
  })),
  {
    type: 'scrypt',
    source: 'RFC 7914 section 12',
    password: 'pleaseletmein',
    hash: `$scrypt$v=1$n=16384,r=8,p=1,kl=64$${SODIUM_CHLORIDE}$${base64(
      '70 23 bd cb 3a fd 73 48 46 1c 06 cd 81 fd 38 eb fd a8 fb ba 90 4f 8e 3e a9 b5 43 f6 54 5d a1 f2' +
        'd5 43 29 55 61 3f 0f cf 62 d4 97 05 24 2a 9a f9 e6 1e 85 dc 0d 65 1e 40 df cf 01 7b 45 57 58 87',
    )}`,
  },
  {
    type: 'firebase-scrypt',
    source: 'README of github.com/firebase/scrypt, in the layout with an order',
    password: 'user1password',
    hash:
      '$firebase-scrypt$v=1$r=8,m=14,ss=Bw==,' +
      'sk=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==$' +
      '42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==',
  },
  {
    type: 'firebase-scrypt',
    source: 'README of github.com/firebase/scrypt, in the layout with names',
    password: 'user1password',
    hash:
      '$firebase-scrypt$hash=lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ' +
      '$salt=42xEC+ixf3L2lw$sk=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA' +
      '$ss=Bw$r=8$m=14',
  },
  ...['{SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3', '{SSHA}d0Q0626PSH9VUld7yWpR0k6BlpQmtczb'].map((hash) => ({
    type: 'ssha' as const,
    source: 'OpenLDAP Admin Guide, SSHA password storage scheme',
    password: 'secret',
    hash,
  })),
  ...[
    ['t=2', 'password', 'somesalt', '09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7'],
    ['t=4', 'password', 'somesalt', '9025d48e68ef7395cca9079da4c4ec3affb3c8911fe4f86d1a2520856f63172c'],
    ['t=2', 'differentpassword', 'somesalt', '0b84d652cf6b0c4beaef0dfe278ba6a80df6696281d7e0d2891b817d8c458fde'],
    ['t=2', 'password', 'diffsalt', 'bdf32b05ccc42eb15d58fd19b1f856b113da1e9a5874fdcc544308565aa8141c'],
  ].map(([passes, password = '', salt = '', tag = '']) => ({
    type: 'argon2' as const,
    source: 'phc-winner-argon2 src/test.c',
    password,
    hash: `$argon2id$v=19$m=65536,${passes},p=1$${Buffer.from(salt).toString('base64')}$${base64(tag)}`,
  })),
];

/** Published vectors that are genuine but outside our bounds: their costs are toys, or more than we spend. */
export const outOfBoundsVectors: PublishedVector[] = [
  {
    type: 'scrypt',
    source: 'RFC 7914 section 12 (p = 16)',
    password: 'password',
    hash: `$scrypt$v=1$n=1024,r=8,p=16,kl=64$TmFDbA==$${base64(
      'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622' +
        'eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
    )}`,
  },
  {
    type: 'pbkdf2',
    source: 'RFC 7914 section 11 (80,000 iterations)',
    password: 'Password',
    hash: `$pbkdf2$i=80000,d=sha256$TmFDbA==$${base64(
      '4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56' +
        'a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d',
    )}`,
  },
  {
    type: 'pbkdf2',
    source: 'RFC 6070 (SHA-1, 4,096 iterations)',
    password: 'password',
    hash: `$pbkdf2$i=4096,d=sha1$c2FsdA==$${base64('4b007901b765489abead49d926f721d065a429c1')}`,
  },
  {
    type: 'argon2',
    source: 'phc-winner-argon2 src/test.c (m = 256)',
    password: 'password',
    hash: '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
  },
  {
    type: 'argon2',
    source: 'phc-winner-argon2 src/test.c (argon2i with two passes)',
    password: 'password',
    hash: '$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA',
  },
];
