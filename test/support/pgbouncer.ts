import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../../scripts/postgresql-server.ts';
import { waitFor } from './wait.ts';

const program = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer'].find(existsSync);

/** Whether PgBouncer is installed; without it a run on CI fails, and any other says what it leaves out. */
export function hasPgBouncer(): boolean {
  if (program) return true;
  const advice = 'PgBouncer is not installed (Debian: apt-get install -y pgbouncer)';
  if (process.env.CI) throw new Error(`${advice}, and on CI its tests may not be left out.`);
  process.stderr.write(`${advice}: the tests of Roster behind it are left out.\n`);
  return false;
}

/** PgBouncer in transaction mode with few connections, otherwise as it comes; answers the URL to use in the server's place. */
export async function startPgBouncer(databaseUrl: string): Promise<{ url: string; stop(): Promise<void> }> {
  if (!program) throw new Error('no PgBouncer');
  const { hostname, port: serverPort, pathname, username, password } = new URL(databaseUrl);
  const folder = mkdtempSync(join(tmpdir(), 'roster-pgbouncer-'));
  chmodSync(folder, 0o755); // as root, it runs as another user
  const port = await freePort();
  const users = join(folder, 'users.txt');
  writeFileSync(users, `"${username}" "${password}"\n`);
  const config = join(folder, 'pgbouncer.ini');
  writeFileSync(
    config,
    `[databases]
* = host=${hostname} port=${serverPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = plain
auth_file = ${users}
pool_mode = transaction
default_pool_size = 4
`,
  );
  const asUser = userInfo().uid === 0 ? ['-u', 'postgres'] : [];
  const child = spawn(program, ['-q', ...asUser, config], { stdio: 'ignore' });
  const url = `postgresql://${username}:${password}@127.0.0.1:${port}${pathname}`;
  await waitFor('PgBouncer to answer', async () => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    return client.connect().then(
      () => client.end().then(() => true),
      () => null,
    );
  });
  return {
    url,
    async stop() {
      child.kill('SIGINT');
      if (child.exitCode === null) await once(child, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
