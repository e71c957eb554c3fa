import { z } from 'zod';
import { integer, perMinute } from '../setting-rules.ts';

export const limitSettings = {
  RATE_LIMIT_PER_USER: perMinute
    .default(600)
    .describe(
      'Requests a minute of one session of a signed-in user, and refreshes of it; all sessions of a user have three times as many. 0 for no limit.',
    ),
  RATE_LIMIT_PER_ADDRESS: perMinute
    .default(3000)
    .describe('Requests a minute from one network without a valid credential; 0 for no limit.'),
  RATE_LIMIT_PER_API_KEY: perMinute.default(0).describe('Requests a minute with one API key; 0 for no limit.'),
  RATE_LIMIT_STORE: z
    .enum(['memory', 'database'])
    .default('memory')
    .describe(
      '`database` counts requests and wrong passwords for all processes together, PostgreSQL only; `memory` for each.',
    ),
  SIGN_INS_PER_ADDRESS: perMinute
    .default(100)
    .describe(
      'Sign-ins a minute that succeed from one address; 0 for no limit. With an API key the address is the `ip_address` that it sends, and without one there is no limit.',
    ),
  SIGN_IN_FAILURES_PER_ADDRESS: integer(1, 10_000)
    .default(10)
    .describe(
      'Wrong passwords for one address from one network in 10 minutes, and wrong current passwords of one session; after that, one attempt in 5 minutes.',
    ),
  SIGN_IN_FAILURES_PER_ADDRESS_FROM_STRANGERS: integer(1, 1_000_000)
    .default(100)
    .describe(
      'Wrong passwords for one address in an hour, from all networks together. Networks that its user has signed in from are let through all the same.',
    ),
  SIGN_IN_FAILURES_PER_CALLER: integer(1, 1_000_000)
    .default(1000)
    .describe(
      'Wrong passwords from one network in 10 minutes, whatever the addresses; after that, one attempt a second.',
    ),
  SIGN_IN_FAILURES_PER_API_KEY: integer(0, 1_000_000)
    .default(0)
    .describe(
      'Wrong passwords through one API key in 10 minutes, whoever they are from; after that, one attempt a second. 0 for no limit.',
    ),
};
