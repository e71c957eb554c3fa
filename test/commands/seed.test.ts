import { expect, onTestFinished, test } from 'vitest';
import { parseEmail } from '../../src/users/email.ts';
import { makeKey, newTestDatabase, production, roster } from '../support/processes.ts';
import { post, serveHere } from '../support/server.ts';
import { dumpTables } from '../support/tables.ts';

interface UserRow {
  email: string;
  email_canonical: string;
}

test('seed fills a database once; a second time is refused in one sentence and doubles nothing', async () => {
  const { url, file } = newTestDatabase();
  const first = await roster(['seed', '--users', '200'], { DATABASE_URL: url });
  expect(first).toMatchObject({ code: 0, stdout: 'Seeded 200 users.\n' });
  const before = dumpTables(file);
  expect(before.users).toHaveLength(200);

  const second = await roster(['seed', '--users', '200'], { DATABASE_URL: url });
  expect(second).toMatchObject({ code: 1, stdout: '' });
  expect(second.stderr).toBe('The database has users already. Seed an empty one.\n');
  expect(dumpTables(file)).toEqual(before);
});

test('the same users every time, and fewer of them are the first of more', async () => {
  const [few, more] = [newTestDatabase(), newTestDatabase()];
  await Promise.all([
    roster(['seed', '--users', '5'], { DATABASE_URL: few.url }),
    roster(['seed', '--users', '10'], { DATABASE_URL: more.url }),
  ]);
  expect(dumpTables(few.file).users).toEqual(dumpTables(more.file).users?.slice(0, 5));
});

test('what was seeded obeys the rules of addresses and is read through GraphQL', async () => {
  const { url, file } = newTestDatabase();
  await roster(['seed', '--users', '300'], { DATABASE_URL: url });
  const key = await makeKey(url);
  const users = dumpTables(file).users as UserRow[];
  for (const user of users) {
    expect(parseEmail(user.email)).toEqual({ address: user.email, canonical: user.email_canonical });
  }

  const server = await serveHere({ DATABASE_URL: url, ...production });
  onTestFinished(server.dispose);
  const page = await post(
    server.url,
    key,
    '{ users(first: 100) { totalCount edges { node { id email metadata locale createdAt identities { provider email } } } } }',
  );
  expect(page.errors).toBeUndefined();
  expect(page.data).toMatchObject({ users: { totalCount: 300 } });

  const { email } = users[7] as UserRow;
  const found = await post(server.url, key, 'query ($email: EmailAddress!) { userByEmail(email: $email) { email } }', {
    email: ` ${email.toUpperCase()}`,
  });
  expect(found.data).toEqual({ userByEmail: { email } });
  const taken = await post(server.url, key, 'mutation ($i: CreateUserInput!) { createUser(input: $i) { id } }', {
    i: { email: email.toUpperCase() },
  });
  expect(taken.errors).toMatchObject([{ extensions: { code: 'USER_CREATION_ERROR' } }]);
});
