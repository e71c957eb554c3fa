// npm run bench:other-ids [-- 500]: how long a signed-in user waits for the refusal of another user's id, an unknown one and a
// deleted one. They must not be told apart by it. Calls the handler in this process, the three kinds in random order.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { readConfig } from '../src/config/config.ts';
import { createApp } from '../src/create-app.ts';
import { databaseOptions } from '../src/db/database-options.ts';
import { migrate } from '../src/db/migrate.ts';
import { createHandler } from '../src/http/router.ts';
import { createUser } from '../src/users/create.ts';
import { deleteUser } from '../src/users/delete.ts';
import { fixed, quantile, welchT } from './statistics.ts';

const calls = Number(process.argv[2] ?? 500);
const folder = mkdtempSync(join(tmpdir(), 'roster-bench-'));
const config = readConfig({
  DATABASE_URL: `file:${folder}/roster.db`,
  RATE_LIMIT_PER_USER: '0',
  RATE_LIMIT_PER_ADDRESS: '0',
});
await migrate(databaseOptions(config));
const app = await createApp(config, pino({ level: 'silent' }));
await app.signingKeys.prepare(app.now());
const handle = createHandler(app);

async function ask(
  query: string,
  variables: object,
  token?: string,
): Promise<{ data: Record<string, { accessToken: string }> }> {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const request = new Request('http://localhost/graphql', {
    method: 'POST',
    headers,
    body: JSON.stringify({ query, variables }),
  });
  const { body } = await handle(request, { tooLarge: false, isLocal: () => true });
  return JSON.parse(String(body));
}

const password = 'purple tractor ankle monsoon';
const make = (name: string) =>
  createUser(app, 'roster', { email: `${name}@example.com`, emailVerified: true, password });
await make('me');
const [other, deleted] = [await make('other'), await make('deleted')];
await deleteUser(app, 'roster', deleted.id);
const signIn =
  'mutation ($email: EmailAddress!, $password: String!) { authenticateWithPassword(email: $email, password: $password) { accessToken } }';
const { data } = await ask(signIn, { email: 'me@example.com', password });
const token = data.authenticateWithPassword?.accessToken ?? '';

const ids = { "another user's": other.id, unknown: 'user_00000000000000000000000000', deleted: deleted.id };
const times: Record<string, number[]> = Object.fromEntries(Object.keys(ids).map((kind) => [kind, []]));
const update = 'mutation ($id: ID!) { updateUser(id: $id, input: { firstName: "X" }) { id } }';
for (let i = 0; i < calls * 3 + 300; i += 1) {
  const kinds = Object.entries(ids);
  const [kind, id] = kinds[Math.floor(Math.random() * kinds.length)] as [string, string];
  const startedAt = performance.now();
  await ask(update, { id }, token);
  if (i >= 300) times[kind]?.push(performance.now() - startedAt); // the first ones warm up
}

const first = times["another user's"] ?? [];
for (const [kind, samples] of Object.entries(times)) {
  const t = fixed(welchT(samples, first), 2);
  console.log(
    `${kind}: ${samples.length} calls, p50 ${fixed(quantile(samples, 0.5), 3)} ms, p99 ${fixed(quantile(samples, 0.99), 3)} ms, Welch's t to another user's ${t}`,
  );
}
await app.db.close();
rmSync(folder, { recursive: true, force: true });
