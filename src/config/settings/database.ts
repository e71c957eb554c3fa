import { z } from 'zod';
import { databaseUrl, integer, milliseconds } from '../setting-rules.ts';

export const databaseSettings = {
  DATABASE_URL: databaseUrl(/^(file:.|postgres(ql)?:\/\/)/, 'expected file:PATH or postgresql://…')
    .default('file:./roster.db')
    .describe('Where the users are: `file:` and a path, or `postgresql://user:password@host/database`.'),
  DATABASE_READ_URL: databaseUrl(/^postgres(ql)?:\/\//, 'expected postgresql://…')
    .optional()
    .describe('A streaming replica that answers queries; PostgreSQL only. Unset: the same database.'),
  DATABASE_POOL_SIZE: integer(1, 1000)
    .default(10)
    .describe('Connections that one process holds at most; PostgreSQL only.'),
  DATABASE_CONNECT_TIMEOUT_MS: milliseconds
    .default(3000)
    .describe('How long to wait for a free or new connection; PostgreSQL only.'),
  DATABASE_STATEMENT_TIMEOUT_MS: milliseconds
    .default(5000)
    .describe(
      'When a statement, or a transaction that waits for its next one, is given up; 0 leaves it to the server; PostgreSQL only.',
    ),
  DATABASE_IDLE_TIMEOUT_MS: milliseconds
    .default(60_000)
    .describe('When an unused connection is closed; PostgreSQL only.'),
  DATABASE_BUSY_TIMEOUT_MS: milliseconds
    .default(5000)
    .describe('How long a write waits for another process that holds the file; SQLite only.'),
  SQLITE_SYNCHRONOUS: z
    .enum(['full', 'normal'])
    .default('full')
    .describe(
      '`full` keeps every acknowledged write through a power loss; `normal` may lose the last ones; SQLite only.',
    ),
};
