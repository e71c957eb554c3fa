import { expect, onTestFinished, test } from 'vitest';
import { databaseUrl, execute } from '../../scripts/postgresql-databases.ts';
import { createTestApp } from '../support/app.ts';
import { GetUser, UpdateUser } from '../support/documents.ts';
import { makeUser } from '../support/users.ts';

test('a database that does not let Roster in any more may be asked again, and the log says once why', async () => {
  const t = await createTestApp();
  const url = new URL(t.app.config.DATABASE_URL);
  const name = url.pathname.slice(1);
  const elsewhere = (sql: string) => execute(databaseUrl(url.href, 'postgres'), sql);
  const { id } = await makeUser(t.app);
  await t.graphql(GetUser, { id });

  await elsewhere(`ALTER DATABASE "${name}" ALLOW_CONNECTIONS false`);
  onTestFinished(async () => {
    await elsewhere(`ALTER DATABASE "${name}" ALLOW_CONNECTIONS true`);
    await t.close();
  });
  await elsewhere(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
  const logged = t.logged().length;

  const unknownKey = `sk_${'a'.repeat(43)}`;
  const asked = [
    await t.graphql(GetUser, { id }),
    await t.graphql(UpdateUser, { id, input: { firstName: 'X' } }),
    await t.graphql(GetUser, { id }, unknownKey),
  ];
  for (const { errors, response } of asked) {
    expect(errors?.[0]?.extensions.code).toBe('SERVICE_UNAVAILABLE');
    expect(response.headers.get('retry-after')).toBe('1');
    expect(response.headers.get('www-authenticate')).toBeNull();
  }
  const keys = await t.fetch('/.well-known/jwks.json');
  expect([keys.status, keys.headers.get('retry-after')]).toEqual([503, '1']);
  expect(await keys.json()).toEqual({ code: 'service_unavailable', message: expect.stringContaining('nothing was') });
  const warnings = t
    .logged()
    .slice(logged)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ level }) => level >= 40);
  expect(warnings).toMatchObject([
    {
      level: 40,
      msg: 'the database is busy or away',
      database: `PostgreSQL at ${url.host}/${name}`,
      reason: expect.stringMatching(/not currently accepting connections|terminating connection/),
    },
  ]);
  expect(JSON.stringify(warnings)).not.toContain(url.password || 'postgres:');
});
