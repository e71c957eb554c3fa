import { z } from 'zod';
import { flag, integer, milliseconds } from '../setting-rules.ts';

export const serverSettings = {
  HOST: z.string().min(1).default('127.0.0.1').describe('The address to listen on; `0.0.0.0` for all.'),
  PORT: integer(0, 65_535).default(4000).describe('The port to listen on; 0 takes a free one.'),
  NODE_ENV: z
    .enum(['development', 'production', 'test'])
    .default('development')
    .describe('`production` makes no development key and shows none.'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
    .default('info')
    .describe('The least severe log lines to write.'),
  TRUST_PROXY: integer(0, 10)
    .default(0)
    .describe(
      'How many proxies are in front. The address of a client is then taken from `X-Forwarded-For`, so many from the right.',
    ),
  METRICS_PORT: integer(1, 65_535)
    .optional()
    .describe(
      'A port on which `GET /metrics` answers in the format of Prometheus, to whoever reaches it. Unset: nothing is counted.',
    ),
  MAX_BODY_BYTES: integer(1024, 16_777_216)
    .default(262_144)
    .describe(
      'The largest request body; larger ones get 413. Without credentials, with an access token, and for a sign-in over REST: 16384 at most.',
    ),
  REQUEST_TIMEOUT_MS: milliseconds.default(30_000).describe('How long a client may take to send a request.'),
  HEADERS_TIMEOUT_MS: milliseconds.default(10_000).describe('How long a client may take to send the headers.'),
  KEEP_ALIVE_TIMEOUT_MS: milliseconds
    .default(65_000)
    .describe(
      'How long a connection may stay open between two requests; 0 for ever. Longer than a proxy in front keeps it (often 60 s), or that one now and then sends a request on a connection that is being closed.',
    ),
  WRITE_TIMEOUT_MS: milliseconds
    .default(30_000)
    .describe('How long a client may take nothing of its answer, before its connection is cut; 0 for ever.'),
  MAX_CONNECTIONS: integer(1, 1_000_000)
    .default(10_000)
    .describe('How many connections may be open at once; further ones are cut.'),
  SHUTDOWN_TIMEOUT_MS: milliseconds
    .default(10_000)
    .describe('How long a stop waits for the requests in flight, and for the jobs that run.'),
  RUN_JOBS: flag
    .default(true)
    .describe(
      'Whether this process runs jobs: the cleanups, and what is to be done after a request. At least one process has to; `false` for one that only serves.',
    ),
};
