// npm run bench:scale [-- --sizes 10000,1000000 --postgresql 5000000]: how the cost of each operation grows with the number
// of users, and the plans of the statements that Prisma sends. Ends with an error at a sequential scan or a sort.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { userOfMany } from '../scripts/many-events.ts';
import { createDatabase, databaseUrl } from '../scripts/postgresql-databases.ts';
import { startPostgres } from '../scripts/postgresql-server.ts';
import { readConfig } from '../src/config/config.ts';
import { providerOf } from '../src/config/database-url.ts';
import { createApp } from '../src/create-app.ts';
import type { DatabaseClient } from '../src/db/database.ts';
import { createHandler } from '../src/http/router.ts';
import { makeData, openClient } from './data.ts';
import { fixed, quantile } from './statistics.ts';

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10000,1000000' },
    postgresql: { type: 'string', default: '5000000' },
    calls: { type: 'string', default: '300' },
  },
});

/** What is measured: the document and the variables for a user drawn at random. */
const operations: Record<string, { query: string; variables: (users: number) => object }> = {
  updateUser: {
    query: 'mutation ($id: ID!, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { id version } }',
    variables: (users) => ({ id: randomUser(users), input: { firstName: `First${Math.random()}`, lastName: 'Last' } }),
  },
  user: {
    query: 'query ($id: ID!) { user(id: $id) { id identities { id } } }',
    variables: (users) => ({ id: randomUser(users) }),
  },
  userByEmail: {
    query: 'query ($email: EmailAddress!) { userByEmail(email: $email) { id } }',
    variables: (users) => ({ email: `FIRST${Math.floor(Math.random() * users)}@example.com` }),
  },
  'users, first page': { query: page('first: 50'), variables: () => ({ after: null }) },
  'users, deep page': { query: page('first: 50'), variables: (users) => ({ after: randomUser(users) }) },
  'users, deep page, verified': {
    query: page('first: 50, filter: { emailVerified: true }'),
    variables: (users) => ({ after: randomUser(users) }),
  },
};

function page(args: string): string {
  return `query ($after: String) { users(${args}, after: $after, orderBy: CREATED_AT_ASC) { edges { node { id identities { id } } } pageInfo { hasNextPage } } }`;
}

function randomUser(users: number): string {
  return userOfMany(Math.floor(Math.random() * users));
}

const rows: string[] = [];

async function measure(url: string, users: number): Promise<void> {
  await makeData(url, users);
  const config = readConfig({ DATABASE_URL: url, LOG_LEVEL: 'silent', DATABASE_STATEMENT_TIMEOUT_MS: '0' });
  const app = await createApp(config, pino({ level: 'silent' }));
  const handle = createHandler(app);
  const { key } = await app.apiKeys.create('bench');
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  for (const [name, { query, variables }] of Object.entries(operations)) {
    const times: number[] = [];
    for (let i = 0; i < Number(options.calls) + 30; i += 1) {
      const body = JSON.stringify({ query, variables: variables(users) });
      const startedAt = performance.now();
      const response = await handle(new Request('http://localhost/graphql', { method: 'POST', headers, body }), {
        tooLarge: false,
        isLocal: () => true,
      });
      const { errors } = JSON.parse(String(response.body)) as { errors?: unknown };
      if (errors) throw new Error(JSON.stringify(errors));
      if (i >= 30) times.push(performance.now() - startedAt);
    }
    const row = `| ${providerOf(url)} | ${users} | ${name} | ${fixed(quantile(times, 0.5), 2)} | ${fixed(quantile(times, 0.99), 2)} |`;
    console.log(row);
    rows.push(row);
  }
  await app.db.close();
  const client = await openClient(url);
  await explain(client, url, users);
  await client.$disconnect();
}

/** The statements of the operations above, as the database plans them. */
async function explain(client: DatabaseClient, url: string, users: number): Promise<void> {
  const id = `'${randomUser(users)}'`;
  const statements = [
    `SELECT * FROM users WHERE id = ${id}`,
    `SELECT * FROM users WHERE email_canonical = 'first7@example.com'`,
    `SELECT * FROM users WHERE external_id = 'customer-7'`,
    `SELECT * FROM identities WHERE user_id IN (${id}) ORDER BY id`,
    'SELECT * FROM users ORDER BY id LIMIT 51',
    `SELECT * FROM users WHERE id > ${id} ORDER BY id LIMIT 51`,
    `SELECT * FROM users WHERE id < ${id} ORDER BY id DESC LIMIT 51`,
    `SELECT * FROM users WHERE email_verified = true AND id > ${id} ORDER BY id LIMIT 51`,
  ];
  for (const statement of statements) {
    const prefix = providerOf(url) === 'sqlite' ? 'EXPLAIN QUERY PLAN' : 'EXPLAIN';
    const plan = await client.$queryRawUnsafe<Record<string, unknown>[]>(`${prefix} ${statement}`);
    const lines = plan.map((row) => String(row.detail ?? row['QUERY PLAN']).trim());
    const text = lines.filter((line) => /Scan|SCAN|SEARCH|Sort|B-TREE/.test(line)).join('; ');
    console.log(`  ${statement}\n    ${text}`);
    if (/Seq Scan|SCAN users$|Sort on users|TEMP B-TREE/.test(text)) throw new Error(`a bad plan: ${text}`);
  }
}

const head = '| Database | Users | Operation | p50 ms | p99 ms |\n|---|---|---|---|---|';
console.log(head);
const folder = mkdtempSync(join(tmpdir(), 'roster-scale-'));
for (const size of options.sizes.split(',').map(Number)) {
  await measure(`file:${join(folder, `${size}.db`)}`, size);
}
const postgres = await startPostgres({ isDurable: true });
for (const size of [...options.sizes.split(','), options.postgresql].map(Number)) {
  const name = `users_${size}`;
  await createDatabase(postgres.url('postgres'), name);
  await measure(databaseUrl(postgres.url('postgres'), name), size);
}
await postgres.stop();
rmSync(folder, { recursive: true, force: true });
writeFileSync('bench/scale.md', `${head}\n${rows.join('\n')}\n`);
