import { randomInt } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { type ServerProcess, startServerProcess } from './server.ts';
import { testProvider } from './test-database.ts';

export type KilledServers = Awaited<ReturnType<typeof startKilledServers>>;

/** Servers over one database, of which one or the other is killed and started again; a file of SQLite has only one. */
export async function startKilledServers(databaseUrl: string, settings: Readonly<Record<string, string>>) {
  const start = () => startServerProcess({ DATABASE_URL: databaseUrl, DATABASE_POOL_SIZE: '5', ...settings });
  const servers = [await start()];
  const { key } = servers[0] as ServerProcess;
  if (testProvider === 'postgresql') servers.push(await start());
  onTestFinished(async () => void (await Promise.all(servers.map((server) => server.dispose()))));
  let ended = '';
  return {
    key,
    anyUrl: () => (servers[randomInt(servers.length)] as ServerProcess).url,
    /** Of all of them, also of those that were killed. */
    output: () => ended + servers.map((server) => server.output()).join(''),
    async killOne() {
      const at = randomInt(servers.length);
      const server = servers[at] as ServerProcess;
      await server.dispose();
      ended += server.output();
      servers[at] = await start();
    },
  };
}
