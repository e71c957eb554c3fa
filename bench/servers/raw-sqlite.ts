// The limit on SQLite: a hand-written server that does the same statements, prepared once, and nothing else: no
// authentication, no validation, no GraphQL. `synchronous` is its second argument; with `events` as the third it inserts one
// for each update of names, of one user or of many, in its transaction.
import { createServer } from 'node:http';
import { SqliteDatabase } from '../../src/db/sqlite/driver.ts';
import { columns, newEvent } from './new-event.ts';

const [file, synchronous, events] = process.argv.slice(2) as [string, string, string?];
const db = new SqliteDatabase(file);
db.pragma('journal_mode = WAL');
db.pragma(`synchronous = ${synchronous}`);
db.pragma('foreign_keys = ON');

const find = db.prepare('SELECT * FROM users WHERE id = ?');
const updateNames = db.prepare(
  'UPDATE users SET first_name = ?, last_name = ?, version = version + 1, updated_at = ? WHERE id = ?',
);
const updateEmail = db.prepare(
  'UPDATE users SET email = ?, email_canonical = ?, email_verified = 0, version = version + 1, updated_at = ? WHERE id = ?',
);
const unlink = db.prepare(
  'DELETE FROM identities WHERE user_id = ? AND (email_canonical IS NULL OR email_canonical <> ?)',
);
const identities = db.prepare('SELECT * FROM identities WHERE user_id = ? ORDER BY id');
const page = db.prepare('SELECT * FROM users WHERE id > ? ORDER BY id LIMIT 51');
const identitiesOf = db.prepare(
  'SELECT * FROM identities WHERE user_id IN (SELECT value FROM json_each(?)) ORDER BY id',
);
const insertEvent = db.prepare(
  `INSERT INTO events (position, ${columns}) VALUES ((SELECT coalesce(max(position), 0) + 1 FROM events), ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
);

const updateMany = db.prepare(
  `UPDATE users SET first_name = row.first_name, last_name = row.last_name, version = version + 1, updated_at = ? FROM (
    SELECT value ->> 'id' AS id, value -> 'input' ->> 'firstName' AS first_name, value -> 'input' ->> 'lastName' AS last_name
    FROM json_each(?)) AS row WHERE users.id = row.id`,
);
const findMany = db.prepare('SELECT * FROM users WHERE id IN (SELECT value FROM json_each(?))');

type Row = Record<string, unknown>;

const changeNames = db.transaction((id: string, { firstName, lastName }: Row) => {
  const before = find.get(id) as Row;
  updateNames.run(firstName, lastName, new Date().toISOString(), id);
  const user = find.get(id) as Row;
  if (events) insertEvent.run(...newEvent(user, before));
  return user;
});

const changeEmail = db.transaction((id: string, { email }: Row) => {
  find.get(id);
  updateEmail.run(email, email, new Date().toISOString(), id);
  unlink.run(id, email);
  return { ...(find.get(id) as Row), identities: identities.all(id) };
});

const changeMany = db.transaction((updates: Row[]) => {
  const ids = JSON.stringify(updates.map(({ id }) => id));
  const before = events ? new Map((findMany.all(ids) as Row[]).map((user) => [user.id, user])) : null;
  updateMany.run(new Date().toISOString(), JSON.stringify(updates));
  const users = findMany.all(ids) as Row[];
  if (before) for (const user of users) insertEvent.run(...newEvent(user, before.get(user.id) as Row));
  return users;
});

function answer(variables: { id: string; after: string; input?: Row; updates?: Row[] }): unknown {
  const { id, after, input, updates } = variables;
  if (updates) return changeMany(updates);
  if (input?.email) return changeEmail(id, input);
  if (input) return changeNames(id, input);
  if (id) return { ...(find.get(id) as Row), identities: identities.all(id) };
  const users = page.all(after) as Row[];
  const found = identitiesOf.all(JSON.stringify(users.map((user) => user.id))) as Row[];
  const byUser = new Map<unknown, Row[]>();
  for (const identity of found) {
    const list = byUser.get(identity.user_id) ?? [];
    list.push(identity);
    byUser.set(identity.user_id, list);
  }
  return users.map((user) => ({ ...user, identities: byUser.get(user.id) ?? [] }));
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { variables } = JSON.parse(Buffer.concat(chunks).toString());
    const body = JSON.stringify({ data: answer(variables) });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify(server.address())));
