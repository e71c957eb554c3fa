import { z } from 'zod';
import { integer } from '../setting-rules.ts';

export const passwordSettings = {
  ARGON2_MEMORY_KIB: integer(19_456, 262_144)
    .default(19_456)
    .describe('Memory of one password hash, in KiB. Upwards only.'),
  ARGON2_TIME_COST: integer(2, 5).default(2).describe('Passes of one password hash.'),
  ARGON2_PARALLELISM: integer(1, 8).default(1).describe('Lanes of one password hash.'),
  PASSWORD_HASH_CONCURRENCY: integer(1, 64)
    .default(2)
    .describe('How many passwords are hashed at once. Memory: this many times `ARGON2_MEMORY_KIB`.'),
  COSTLY_HASH_CONCURRENCY: integer(1, 64)
    .default(1)
    .describe(
      'How many imported hashes that cost more than a hash of our own are checked at once, besides. Memory: up to 256 MiB each.',
    ),
  PASSWORD_HASH_QUEUE: integer(1, 10_000)
    .default(64)
    .describe(
      'How many passwords may wait to be hashed, and a quarter as many for costly imported hashes. Callers take turns; beyond, whoever has most gets `RATE_LIMITED`.',
    ),
  PASSWORD_BREACH_CHECK_URL: z
    .url({ protocol: /^https?$/, error: 'expected https://… or http://…' })
    .optional()
    .describe(
      'A Have I Been Pwned range API, such as `https://api.pwnedpasswords.com/range`. New passwords are looked up there by five digits of their SHA-1. Unset: no check.',
    ),
  PASSWORD_BREACH_CHECK_TIMEOUT_MS: integer(1, 60_000)
    .default(1000)
    .describe('How long the breach check may take; then the password passes, with a warning in the log.'),
};
