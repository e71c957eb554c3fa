import { writeFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import pg from 'pg';
import { userOfMany } from '../../scripts/many-events.ts';
import { firstMatch, rawKey, type Server, start, startRaw, startRoster } from '../server-process.ts';
import type { Api, Names } from './requests.ts';

export interface Measured {
  readonly server: Server;
  readonly api: Api;
  /** How much an answered update survives: rows are compared with the raw server and the Roster that have the same. */
  readonly durability: string;
  readonly kind: 'raw' | 'roster' | 'peer';
  /** The users that can be changed, if not all. */
  readonly sessions?: number;
  /** The names of all users as they are stored, by their id; read past the server. */
  storedNames(): Promise<Map<string, Names>>;
}

type Start = Omit<Measured, 'durability' | 'storedNames'>;

/** SQLite's numbers for `PRAGMA synchronous`. */
const synchronousNames = ['OFF', 'NORMAL', 'FULL', 'EXTRA'];

async function startPeer(
  name: string,
  url: string,
  args: string[],
  env: Record<string, string> = {},
  cwd?: string,
): Promise<{ server: Server; synchronous: number }> {
  const child = start(args, { NODE_ENV: 'production', GRAPHILE_ENV: 'production', ...env }, cwd);
  const { port, synchronous } = JSON.parse(await firstMatch(child, /\{.*\}/));
  return { server: { name, url, port, key: rawKey, child }, synchronous };
}

const dist = (name: string) => `bench/peers/dist/servers/${name}.js`;

function onSqlite(started: Start, synchronous: string, table = 'users', columns = 'first_name, last_name'): Measured {
  return {
    ...started,
    durability: `WAL, ${synchronous}`,
    storedNames: async () => {
      const db = new Sqlite(started.server.url.replace('file:', ''), { readonly: true });
      const rows = db.prepare(`SELECT id, ${columns} FROM ${table}`).raw().all() as [string, string, string][];
      const mode = db.pragma('journal_mode', { simple: true });
      db.close();
      if (mode !== 'wal') throw new Error(`${started.server.name} has left WAL: ${mode}`);
      return new Map(rows.map(([id, firstName, lastName]) => [id, { firstName, lastName }]));
    },
  };
}

/** All servers on SQLite. `copy` makes a file of Roster's with its data and the key; `fresh` names one that does not exist yet. */
export async function startOnSqlite(
  key: string,
  copy: (name: string) => string,
  fresh: (name: string) => string,
  users: number,
): Promise<Measured[]> {
  const raw = async (synchronous: string) => {
    const file = copy(`raw-${synchronous}`);
    const server = await startRaw('raw', 'bench/servers/raw-sqlite.ts', `file:${file}`, [file, synchronous]);
    return onSqlite({ server, api: 'roster', kind: 'raw' }, synchronous.toUpperCase());
  };
  const roster = async (synchronous: string) => {
    const env = { SQLITE_SYNCHRONOUS: synchronous };
    const server = await startRoster('Roster', `file:${copy(`roster-${synchronous}`)}`, key, env);
    return onSqlite({ server, api: 'roster', kind: 'roster' }, synchronous.toUpperCase());
  };
  const prisma = async (name: string, script: string) => {
    const url = `file:${copy(script)}`;
    const { server, synchronous } = await startPeer(name, url, [dist(script), url]);
    return onSqlite({ server, api: 'roster', kind: 'peer' }, synchronousNames[synchronous] as string);
  };
  return [
    await raw('normal'),
    await raw('full'),
    await roster('normal'),
    await roster('full'),
    await keystone(fresh('keystone'), users),
    await betterAuth(fresh('better-auth'), users),
    await prisma('Apollo Server, Prisma', 'apollo'),
    await prisma('Yoga, Pothos, Prisma', 'yoga'),
  ];
}

/** Keystone's own table, as its schema.prisma has it. */
async function keystone(file: string, users: number): Promise<Measured> {
  const db = new Sqlite(file);
  db.pragma('journal_mode = WAL');
  db.exec(`
    CREATE TABLE "User" (
      "id" TEXT NOT NULL PRIMARY KEY,
      "email" TEXT NOT NULL DEFAULT '',
      "emailVerified" BOOLEAN NOT NULL DEFAULT false,
      "firstName" TEXT NOT NULL DEFAULT '',
      "lastName" TEXT NOT NULL DEFAULT '',
      "name" TEXT NOT NULL DEFAULT '',
      "version" INTEGER DEFAULT 1,
      "updatedAt" DATETIME
    );
    CREATE UNIQUE INDEX "User_email_key" ON "User"("email");`);
  const insert = db.prepare(
    `INSERT INTO "User" (id, email, emailVerified, firstName, lastName, updatedAt) VALUES (?, ?, 1, 'Ada', 'Lovelace', ?)`,
  );
  db.transaction(() => {
    for (let i = 0; i < users; i += 1)
      insert.run(userOfMany(i), `first${i}@example.com`, '2026-01-15T12:00:00.000+00:00');
  })();
  db.close();
  const cli = '../node_modules/@keystone-6/core/bin/cli.js';
  const env = { DATABASE_FILE: file, PORT: '0', HOST: '127.0.0.1' };
  const args = [cli, 'start', '--no-ui'];
  const { server, synchronous } = await startPeer('Keystone 6', `file:${file}`, args, env, 'bench/peers/keystone');
  const started: Start = { server, api: 'keystone', kind: 'peer' };
  return onSqlite(started, synchronousNames[synchronous] as string, '"User"', 'firstName, lastName');
}

/** Its users change only themselves, so some hundreds sign in first; they lie evenly among all users. */
async function betterAuth(file: string, users: number): Promise<Measured> {
  const args = [dist('better-auth'), file, String(users)];
  const { server, synchronous } = await startPeer('better-auth', `file:${file}`, args);
  const count = Math.min(users, 500);
  const sessions: [number, string][] = [];
  for (let i = 0; i < count; i += 1) {
    const index = Math.floor((i * users) / count);
    const response = await fetch(`http://127.0.0.1:${server.port}/api/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: 'http://localhost' },
      body: JSON.stringify({ email: `first${index}@example.com`, password: 'password' }),
    });
    if (!response.ok) throw new Error(`better-auth refused to sign in: ${await response.text()}`);
    sessions.push([
      index,
      response.headers
        .getSetCookie()
        .map((cookie) => cookie.split(';')[0])
        .join('; '),
    ]);
  }
  writeFileSync(`${file}.json`, JSON.stringify(sessions));
  const started: Start = {
    server: { ...server, key: `${file}.json` },
    api: 'better-auth',
    kind: 'peer',
    sessions: count,
  };
  return onSqlite(started, synchronousNames[synchronous] as string, 'user', 'firstName, lastName');
}

/** All servers on PostgreSQL. `copy` makes a database with Roster's data and answers its URL. */
export async function startOnPostgresql(key: string, copy: (name: string) => Promise<string>): Promise<Measured[]> {
  const raw = await copy('raw');
  const roster = await copy('roster');
  const peer = async (name: string, script: string, api: Api): Promise<Start> => {
    const url = await copy(script);
    return { server: (await startPeer(name, url, [dist(script), url])).server, api, kind: 'peer' };
  };
  const started: Start[] = [
    { server: await startRaw('raw', 'bench/servers/raw-postgresql.ts', raw, [raw]), api: 'roster', kind: 'raw' },
    { server: await startRoster('Roster', roster, key), api: 'roster', kind: 'roster' },
    await peer('PostGraphile', 'postgraphile', 'postgraphile'),
    await peer('Apollo Server, Prisma', 'apollo', 'roster'),
    await peer('Yoga, Pothos, Prisma', 'yoga', 'roster'),
  ];
  return Promise.all(started.map(onPostgresql));
}

async function onPostgresql(started: Start): Promise<Measured> {
  const select = async <Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> => {
    const client = new pg.Client({ connectionString: started.server.url });
    await client.connect();
    const { rows } = await client.query<Row>(sql);
    await client.end();
    return rows;
  };
  const [fsync] = await select<{ fsync: string }>('SHOW fsync');
  const [commit] = await select<{ synchronous_commit: string }>('SHOW synchronous_commit');
  return {
    ...started,
    durability: `fsync ${fsync?.fsync}, synchronous_commit ${commit?.synchronous_commit}`,
    storedNames: async () => {
      const rows = await select<Names & { id: string }>(
        'SELECT id, first_name AS "firstName", last_name AS "lastName" FROM users',
      );
      return new Map(rows.map(({ id, firstName, lastName }) => [id, { firstName, lastName }]));
    },
  };
}
