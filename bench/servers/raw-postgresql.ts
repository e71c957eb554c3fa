// The limit on PostgreSQL: a hand-written server with `pg`: BEGIN, a named UPDATE, COMMIT; and named SELECTs. With `events` as
// its second argument it inserts one for each update of names, of one user or of many, in its transaction.
import { createServer } from 'node:http';
import pg from 'pg';
import { columns, newEvent } from './new-event.ts';

const [url, events] = process.argv.slice(2) as [string, string?];
const pool = new pg.Pool({ connectionString: url, max: 10 });

const statements = {
  names:
    'UPDATE users SET first_name = $2, last_name = $3, version = version + 1, updated_at = now() WHERE id = $1 RETURNING *',
  namesAndBefore:
    'UPDATE users SET first_name = $2, last_name = $3, version = version + 1, updated_at = now() WHERE id = $1 RETURNING *, old.first_name AS old_first, old.last_name AS old_last',
  event: `INSERT INTO events (position, ${columns}) VALUES (nextval('unnumbered_events_seq'), $1, $2, $3, $4, $5, $6, $7, $8, $9)`,
  email:
    'UPDATE users SET email = $2, email_canonical = $2, email_verified = false, version = version + 1, updated_at = now() WHERE id = $1 RETURNING *',
  unlink: 'DELETE FROM identities WHERE user_id = $1 AND (email_canonical IS NULL OR email_canonical <> $2)',
  many: `UPDATE users SET first_name = row.first_name, last_name = row.last_name, version = version + 1, updated_at = now()
    FROM unnest($1::text[], $2::text[], $3::text[]) AS row(id, first_name, last_name) WHERE users.id = row.id RETURNING users.*`,
  manyAndBefore: `UPDATE users SET first_name = row.first_name, last_name = row.last_name, version = version + 1, updated_at = now()
    FROM unnest($1::text[], $2::text[], $3::text[]) AS row(id, first_name, last_name) WHERE users.id = row.id
    RETURNING users.*, old.first_name AS old_first, old.last_name AS old_last`,
  events: `INSERT INTO events (position, ${columns}) SELECT nextval('unnumbered_events_seq'), ${columns}
    FROM json_to_recordset($1) AS row(id text, type text, user_id text, user_version integer, actor_kind text, actor_id text, actor_name text, body text, created_at timestamp)`,
  user: 'SELECT * FROM users WHERE id = $1',
  identities: 'SELECT * FROM identities WHERE user_id = $1 ORDER BY id',
  page: 'SELECT * FROM users WHERE id > $1 ORDER BY id LIMIT 51',
  identitiesOf: 'SELECT * FROM identities WHERE user_id = ANY($1) ORDER BY id',
};

type Row = Record<string, unknown>;
type Client = pg.Pool | pg.PoolClient;

async function run(client: Client, name: keyof typeof statements, values: unknown[]): Promise<Row[]> {
  return (await client.query({ name, text: statements[name], values })).rows;
}

async function change(id: string, { email, firstName, lastName }: Row): Promise<unknown> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    let user: Row | undefined;
    if (email) {
      [user] = await run(client, 'email', [id, email]);
      await run(client, 'unlink', [id, email]);
      user = { ...user, identities: await run(client, 'identities', [id]) };
    } else if (events) {
      const [{ old_first, old_last, ...after } = {}] = await run(client, 'namesAndBefore', [id, firstName, lastName]);
      await run(client, 'event', newEvent(after, { first_name: old_first, last_name: old_last }));
      user = after;
    } else {
      [user] = await run(client, 'names', [id, firstName, lastName]);
    }
    await client.query('COMMIT');
    return user;
  } finally {
    client.release();
  }
}

async function changeMany(values: unknown[]): Promise<Row[]> {
  if (!events) return run(pool, 'many', values);
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const users = await run(client, 'manyAndBefore', values);
    const names = columns.split(', ');
    const rows = users.map(({ old_first, old_last, ...after }) => {
      const event = newEvent(after, { first_name: old_first, last_name: old_last });
      return Object.fromEntries(names.map((name, i) => [name, event[i]]));
    });
    await run(client, 'events', [JSON.stringify(rows)]);
    await client.query('COMMIT');
    return users;
  } finally {
    client.release();
  }
}

interface Variables {
  readonly id: string;
  readonly after: string;
  readonly input?: Row;
  readonly updates?: readonly { readonly id: string; readonly input: Row }[];
}

async function answer({ id, after, input, updates }: Variables): Promise<unknown> {
  if (updates) {
    return changeMany([
      updates.map((one) => one.id),
      updates.map((one) => one.input.firstName),
      updates.map((one) => one.input.lastName),
    ]);
  }
  if (input) return change(id, input);
  if (id) {
    const [user] = await run(pool, 'user', [id]);
    return { ...user, identities: await run(pool, 'identities', [id]) };
  }
  const users = await run(pool, 'page', [after]);
  const byUser = new Map<unknown, Row[]>();
  for (const identity of await run(pool, 'identitiesOf', [users.map((user) => user.id)])) {
    const list = byUser.get(identity.user_id) ?? [];
    list.push(identity);
    byUser.set(identity.user_id, list);
  }
  return users.map((user) => ({ ...user, identities: byUser.get(user.id) ?? [] }));
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', async () => {
    const { variables } = JSON.parse(Buffer.concat(chunks).toString());
    const body = JSON.stringify({ data: await answer(variables) });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify(server.address())));
