// What an import is measured against: the same rows, inserted by statements written by hand and nothing else. Nothing is read,
// checked or looked for. It is started with a URL, a number of users and how many of them one transaction has, and prints a
// line of JSON: how long it took, and when how many were committed.
import pg from 'pg';
import { providerOf, sqlitePath } from '../../src/config/database-url.ts';
import { SqliteDatabase } from '../../src/db/sqlite/driver.ts';
import type { Sample } from './commands.ts';
import { passwordColumns, rowsOf, userColumns } from './made-up-users.ts';

const [url, users, batch] = process.argv.slice(2) as [string, string, string];
const tables = [
  { name: 'users', names: userColumns, key: 'user' },
  { name: 'passwords', names: passwordColumns, key: 'password' },
] as const;

const samples: Sample[] = [];

/** The rows of each transaction; whoever asks for the next ones has committed those before. */
function* batches() {
  for (let from = 0; from < Number(users); from += Number(batch)) {
    const size = Math.min(Number(batch), Number(users) - from);
    yield Array.from({ length: size }, (_, i) => rowsOf(from + i));
    samples.push({ at: performance.now(), records: from + size });
  }
}

async function insertIntoSqlite(): Promise<void> {
  const db = new SqliteDatabase(sqlitePath(url));
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  const inserts = tables.map(({ name, names, key }) => {
    const values = names.split(', ').map(() => '?');
    return { key, statement: db.prepare(`INSERT INTO ${name} (${names}) VALUES (${values})`) };
  });
  const insert = db.transaction((rows: ReturnType<typeof rowsOf>[]) => {
    for (const { key, statement } of inserts) {
      for (const row of rows) statement.run(row[key].map((value) => (typeof value === 'boolean' ? +value : value)));
    }
  });
  for (const rows of batches()) insert(rows);
  db.close();
}

async function insertIntoPostgresql(): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const rows of batches()) {
    await client.query('BEGIN');
    for (const { name, names, key } of tables) {
      const types = names.split(', ').map((column) => typeOf(column));
      const lists = types.map((type, i) => `$${i + 1}::${type}[]`);
      const values = types.map((_, i) => rows.map((row) => row[key][i]));
      await client.query({ name, text: `INSERT INTO ${name} (${names}) SELECT * FROM unnest(${lists})`, values });
    }
    await client.query('COMMIT');
  }
  await client.end();
}

function typeOf(column: string): string {
  if (column === 'email_verified') return 'boolean';
  if (column === 'metadata') return 'jsonb';
  return column.endsWith('_at') ? 'timestamp(3)' : 'text';
}

const startedAt = performance.now();
await (providerOf(url) === 'sqlite' ? insertIntoSqlite() : insertIntoPostgresql());
console.log(JSON.stringify({ seconds: (performance.now() - startedAt) / 1000, samples }));
