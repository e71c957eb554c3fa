import { describe, expect, onTestFinished, test } from 'vitest';
import { CreateUser, GetUser, LinkIdentity, UpdateUser } from '../support/documents.ts';
import { startFleetHere } from '../support/fleet.ts';
import { hasPgBouncer, startPgBouncer } from '../support/pgbouncer.ts';
import { newTestDatabase, roster } from '../support/processes.ts';
import { createTenancy, type Tenancy, tablesIn } from '../support/roles.ts';
import { send } from '../support/server.ts';

const schema = "Zoë's tenant";
const quoted = `"${schema}"`;

const ownSchema = ({ asOwner, role }: Tenancy) => asOwner(`CREATE SCHEMA ${quoted} AUTHORIZATION ${role}`);

/** How an operator says which schema is meant, and the URL to use then. */
const ways: [string, (tenancy: Tenancy) => Promise<{ url: string; schema: string }>][] = [
  [
    'a schema with the name of the role',
    async ({ asOwner, role, url }) => {
      await asOwner(`CREATE SCHEMA AUTHORIZATION ${role}`);
      return { url, schema: role };
    },
  ],
  [
    'ALTER ROLE … SET search_path',
    async (tenancy) => {
      await ownSchema(tenancy);
      await tenancy.asOwner(`ALTER ROLE ${tenancy.role} SET search_path = missing, ${quoted}, public`);
      return { url: tenancy.url, schema };
    },
  ],
  [
    '?options=-c search_path=…',
    async (tenancy) => {
      await tenancy.asOwner(`CREATE SCHEMA tenant AUTHORIZATION ${tenancy.role}`);
      return { url: `${tenancy.url}?options=-c search_path=tenant`, schema: 'tenant' };
    },
  ],
  [
    '?schema=…',
    async (tenancy) => {
      await ownSchema(tenancy);
      return { url: `${tenancy.url}?schema=${encodeURIComponent(schema)}`, schema };
    },
  ],
];

const password = 'wkqzvxmrhtbj';
const signIn = `mutation { authenticateWithPassword(email: "schema@example.com", password: "${password}") { refreshToken } }`;
const refresh = 'mutation ($token: String!) { refreshSession(refreshToken: $token) { accessToken } }';

/** Everything that writes a row, and what reads them. */
async function useEverything(url: string, key: string): Promise<void> {
  const fleet = await startFleetHere(1, url, { RATE_LIMIT_STORE: 'database' }, key);
  onTestFinished(() => fleet.dispose());
  for (const server of fleet.servers) expect((await send(`${server.url}/ready`)).status).toBe(200);
  const input = { email: 'schema@example.com', emailVerified: true, password };
  const { id } = (await fleet.succeed(CreateUser, { input })).createUser;
  await fleet.succeed(LinkIdentity, { userId: id, input: { provider: 'X_OAUTH', idpId: '1' } });
  await fleet.succeed('mutation ($id: ID!) { setUserManaged(id: $id, managed: false) { id } }', { id });
  const { authenticateWithPassword } = await fleet.succeed(signIn, {});
  await fleet.succeed(refresh, { token: authenticateWithPassword.refreshToken });
  await fleet.succeed(UpdateUser, { id, input: { firstName: 'Zoë', password: `${password} 2` } });
  expect(await fleet.succeed(GetUser, { id })).toMatchObject({ user: { id } });
  expect(
    await fleet.succeed('{ users(first: 5) { totalCount edges { node { id sessions { id } } } } }', {}),
  ).toMatchObject({ users: { totalCount: 1, edges: [{ node: { id } }] } });
  const doomed = (await fleet.succeed(CreateUser, { input: { email: 'gone@example.com' } })).createUser.id;
  await fleet.succeed('mutation ($id: ID!) { deleteUser(id: $id) { id } }', { id: doomed });
  fleet.assertHealthy();
}

const written = [
  'api_keys',
  'identities',
  'jobs',
  'passwords',
  'readiness',
  'refresh_token_families',
  'sessions',
  'signing_keys',
  'users',
];
/** Tables that this test need not fill. */
const others = [
  'event_sequences',
  'events',
  'idempotent_requests',
  'imports',
  'mail_messages',
  'one_time_codes',
  'rate_limits',
  'refresh_tokens',
  'unnumbered_events',
  'webhook_deliveries',
  'webhook_endpoints',
];

describe('the tables are in one schema', () => {
  test.each(ways)(
    '%s: migrations, commands and servers use it, and nothing else',
    async (_what, prepare) => {
      const tenancy = await createTenancy();
      await tenancy.asOwner(`GRANT ALL ON SCHEMA public TO ${tenancy.role}`);
      await tenancy.asOwner(`GRANT ALL ON ALL TABLES IN SCHEMA public TO ${tenancy.role}`);
      const before = await tablesIn(tenancy, 'public');
      const { url, schema } = await prepare(tenancy);
      const settings = { DATABASE_URL: url };

      expect(await roster(['migrate'], settings)).toMatchObject({ code: 0, stderr: '' });
      const made = await roster(['api-key', 'create', 'test'], settings);
      expect(made.code, made.stderr).toBe(0);
      await useEverything(url, made.stdout.trim());

      const tables = await tablesIn(tenancy, schema);
      expect(Object.keys(tables)).toEqual(
        ['_prisma_migrations', ...written, ...others].sort(), // what was used wrote nothing there
      );
      for (const name of written) expect(tables[name], name).toContain('<row');
      expect(await tablesIn(tenancy, 'public')).toEqual(before);
    },
    120_000,
  );

  test('seed and copy fill it', async () => {
    const tenancy = await createTenancy();
    const before = await tablesIn(tenancy, 'public');
    await ownSchema(tenancy);
    await tenancy.asOwner(`CREATE SCHEMA AUTHORIZATION ${tenancy.role}`);
    expect((await roster(['migrate'], { DATABASE_URL: tenancy.url })).code).toBe(0);
    expect((await roster(['seed', '--users', '3'], { DATABASE_URL: tenancy.url })).code).toBe(0);
    expect((await roster(['signing-key', 'list'], { DATABASE_URL: tenancy.url })).code).toBe(0);

    const { url: from } = newTestDatabase();
    expect((await roster(['seed', '--users', '2'], { DATABASE_URL: from })).code).toBe(0);
    const to = `${tenancy.url}?schema=${encodeURIComponent(schema)}`;
    const { code, stderr } = await roster(['copy', '--from', from, '--to', to]);
    expect(code, stderr).toBe(0);
    const count = async (name: string) =>
      (await tenancy.asOwner(`SELECT count(*)::int AS rows FROM ${name}.users`))[0]?.rows;
    expect(await count(tenancy.role)).toBe(3);
    expect(await count(quoted)).toBe(2);
    expect(await tablesIn(tenancy, 'public')).toEqual(before);
  }, 120_000);

  test('also for a server whose role gets another search path while it runs', async () => {
    const tenancy = await createTenancy();
    await tenancy.asOwner(`CREATE SCHEMA AUTHORIZATION ${tenancy.role}`);
    await roster(['migrate'], { DATABASE_URL: tenancy.url });
    const fleet = await startFleetHere(1, tenancy.url, { DATABASE_IDLE_TIMEOUT_MS: '1' });
    onTestFinished(() => fleet.dispose());
    await tenancy.asOwner(`ALTER ROLE ${tenancy.role} SET search_path = public`);
    await tenancy.asOwner(`GRANT ALL ON ALL TABLES IN SCHEMA public TO ${tenancy.role}`);
    await tenancy.asOwner(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${tenancy.role}'`);
    const { id } = (await fleet.succeed(CreateUser, { input: { email: 'moved@example.com' } })).createUser;
    await fleet.succeed(UpdateUser, { id, input: { firstName: 'Still' } });
    expect(await tenancy.asOwner('SELECT id FROM public.users')).toEqual([]);
    expect(await tenancy.asOwner(`SELECT first_name FROM ${tenancy.role}.users`)).toEqual([{ first_name: 'Still' }]);
  });
});

/** What an operator can get wrong, and the sentence that says how to mend it. */
const refused: [string, (tenancy: Tenancy) => Promise<string>, string[], (tenancy: Tenancy) => string][] = [
  [
    'a schema that is not there',
    async ({ url }) => `${url}?schema=missing`,
    ['migrate', 'serve', 'api-key list'],
    ({ role }) => ` has no schema missing. Make it: CREATE SCHEMA "missing" AUTHORIZATION "${role}"\n`,
  ],
  [
    'a search path that leads nowhere',
    async ({ asOwner, role, url }) => {
      await asOwner(`ALTER ROLE ${role} SET search_path = missing`);
      return url;
    },
    ['migrate', 'serve'],
    ({ role }) => `Make one: CREATE SCHEMA AUTHORIZATION "${role}"\n`,
  ],
  [
    'a schema that the role may not use',
    async ({ asOwner, url }) => {
      await asOwner('CREATE SCHEMA closed');
      return `${url}?schema=closed`;
    },
    ['migrate', 'serve'],
    ({ role }) => `Give them: GRANT USAGE, CREATE ON SCHEMA "closed" TO "${role}"\n`,
  ],
  [
    'a schema in which the role may make no tables',
    async ({ asOwner, role, url }) => {
      await asOwner(`CREATE SCHEMA closed; GRANT USAGE ON SCHEMA closed TO ${role}`);
      return `${url}?schema=closed`;
    },
    ['migrate', 'serve --migrate'],
    ({ role }) => `Give them: GRANT CREATE ON SCHEMA "closed" TO "${role}"\n`,
  ],
  [
    'tables that the role may not read',
    async ({ url }) => url,
    ['migrate', 'serve', 'api-key list'],
    () => ' cannot be used: permission denied for table _prisma_migrations.\n',
  ],
  [
    'tables of which the role may not write one',
    async ({ asOwner, role, url }) => {
      await asOwner(`GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role}; REVOKE DELETE ON sessions FROM ${role}`);
      return url;
    },
    ['serve', 'serve --migrate', 'api-key list'],
    ({ role }) => `Give them: GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."sessions" TO "${role}"\n`,
  ],
  [
    'tables that belong to another role, and are behind',
    async ({ asOwner, role, url }) => {
      await asOwner(`GRANT ALL ON SCHEMA public TO ${role}; GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role};
        DELETE FROM _prisma_migrations WHERE migration_name > '20261124121624'; ALTER TABLE api_keys DROP COLUMN scopes`);
      return url;
    },
    ['migrate'],
    ({ role }) =>
      `belongs to the role postgres, and only that one may change it. Migrate as postgres, or: GRANT "postgres" TO "${role}"\n`,
  ],
  [
    'a name that Prisma would not quote',
    async ({ asOwner, role, url }) => {
      await asOwner(`CREATE SCHEMA "a""b" AUTHORIZATION ${role}`);
      return `${url}?schema=a%22b`;
    },
    ['migrate', 'serve'],
    () => 'Prisma does not take a double quote in its name. Choose another.\n',
  ],
];

describe('a role or a schema that does not do is told in one sentence', () => {
  test.each(refused)('%s', async (_what, prepare, commands, sentence) => {
    const tenancy = await createTenancy();
    const url = await prepare(tenancy);
    const before = await tablesIn(tenancy, 'public');
    for (const command of commands) {
      const { code, stdout, stderr } = await roster(command.split(' '), { DATABASE_URL: url, PORT: '0' });
      expect({ code, stdout }, stderr).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^[^\n]+\n$/);
      expect(stderr.endsWith(sentence(tenancy)), stderr).toBe(true);
      expect(stderr).not.toMatch(/secret|\.rs\b|::/);
    }
    expect(await tablesIn(tenancy, 'public')).toEqual(before);
  });
});

describe.skipIf(!hasPgBouncer())('through PgBouncer in transaction mode', () => {
  test.each(ways.filter(([what]) => !what.startsWith('?options')))(
    '%s works',
    async (_what, prepare) => {
      const tenancy = await createTenancy();
      const { url, schema } = await prepare(tenancy);
      expect((await roster(['migrate'], { DATABASE_URL: url })).code).toBe(0);
      const before = await tablesIn(tenancy, 'public');
      const bouncer = await startPgBouncer(tenancy.url);
      onTestFinished(bouncer.stop);
      const through = `${bouncer.url}${new URL(url).search}`;
      const made = await roster(['api-key', 'create', 'test'], { DATABASE_URL: through });
      expect(made.code, made.stderr).toBe(0);
      await useEverything(through, made.stdout.trim());
      const tables = await tablesIn(tenancy, schema);
      for (const name of written) expect(tables[name], name).toContain('<row');
      expect(await tablesIn(tenancy, 'public')).toEqual(before);
    },
    120_000,
  );
});
