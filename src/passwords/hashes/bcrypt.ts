import { createHash, createHmac } from 'node:crypto';
import { hash as bcryptHash } from 'bcrypt';
import { bcryptCosts, bcryptMaxPasswordBytes, unitTimesMs } from '../bounds.ts';
import type { StoredHashType } from '../stored-password.ts';
import { defineAlgorithm } from './algorithm.ts';
import { parseInteger, UnusableHash } from './hash-fields.ts';

// 22 characters carry 128 bits of salt, 31 carry 184 bits of digest: the last one of each has unused bits, which every
// implementation writes as zero.
const hashForm = /^\$2[aby]\$([0-9]{2})\$([./A-Za-z0-9]{21}[.Oeu])([./A-Za-z0-9]{30}[.CGKOSWaeimquy26])$/;

const noMatch = Buffer.alloc(0);

/** bcrypt hashes `$2a$`, `$2b$` and `$2y$`: three names of one computation for passwords up to 72 bytes. */
export const bcrypt = defineBcrypt('bcrypt', (password) => password);

/** Django's BCryptSHA256PasswordHasher: bcrypt of the SHA-256 in hexadecimal, so that no password is too long. */
export const bcryptSha256 = defineBcrypt('bcrypt-sha256', (password) =>
  Buffer.from(createHash('sha256').update(password).digest('hex')),
);

/** WordPress from 6.8 (wp_hash_password): bcrypt of an HMAC-SHA-384 in Base64 of the password that PHP has trimmed. */
export const bcryptWordpress = defineBcrypt('bcrypt-wordpress', (password) =>
  Buffer.from(createHmac('sha384', 'wp-sha384').update(trimAsPhp(password)).digest('base64')),
);

function defineBcrypt(type: StoredHashType, prepare: (password: Buffer) => Buffer) {
  return defineAlgorithm({
    type,
    expected: '$2a$, $2b$ or $2y$, a cost of two digits from 04 to 15, $ and 53 characters',
    parse: (hash) => {
      const [, cost = '', salt = '', digest = ''] = hashForm.exec(hash) ?? [];
      if (digest === '') throw new UnusableHash('it does not have the form of bcrypt');
      const rounds = 2 ** parseInteger(cost.replace(/^0/, ''), 'the cost', bcryptCosts);
      return { rounds, setting: `${cost}$${salt}`, digest: Buffer.from(digest, 'latin1') };
    },
    cost: ({ rounds }) => ({ memoryKiB: 4, timeMs: rounds * unitTimesMs.bcrypt }), // four S-boxes of 1 KiB
    compute: async (password, { setting }) => {
      const key = prepare(password);
      // Always 2b: under 2a the library keeps the length in one byte, as old OpenBSD did, and lets it wrap around.
      const hash = await bcryptHash(key, `$2b$${setting}`);
      // bcrypt repeats the password and a NUL to 72 bytes, so `ab\0ab` is the same key as `ab`.
      const isAmbiguous = key.length > bcryptMaxPasswordBytes || key.includes(0);
      // Refused only after the computation: a quick answer would tell that this address has a bcrypt hash.
      return isAmbiguous ? noMatch : Buffer.from(hash.slice(-31), 'latin1');
    },
  });
}

/** What PHP's trim() leaves: it takes away space, tab, line feed, carriage return, vertical tab and NUL, and nothing else. */
function trimAsPhp(password: Buffer): Buffer {
  const isTrimmed = (byte: number): boolean => [0x20, 0x09, 0x0a, 0x0d, 0x0b, 0].includes(byte);
  const start = password.findIndex((byte) => !isTrimmed(byte));
  if (start < 0) return Buffer.alloc(0);
  return password.subarray(start, password.findLastIndex((byte) => !isTrimmed(byte)) + 1);
}
