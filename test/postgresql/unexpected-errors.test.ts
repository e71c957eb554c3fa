import { expect, onTestFinished, test } from 'vitest';
import { execute } from '../../scripts/postgresql-databases.ts';
import { createTestApp } from '../support/app.ts';
import { GetUser, UpdateUser } from '../support/documents.ts';
import { makeUser } from '../support/users.ts';

test('an error of the database that is not about being busy or away is masked, and logged once, for reads and changes', async () => {
  const t = await createTestApp();
  onTestFinished(t.close);
  const { id } = await makeUser(t.app);
  await execute(t.app.config.DATABASE_URL, 'ALTER TABLE users RENAME COLUMN name TO secret_name');
  for (const ask of [() => t.graphql(GetUser, { id }), () => t.graphql(UpdateUser, { id, input: { name: 'X' } })]) {
    const before = t.logged().length;
    const { errors, response } = await ask();
    const requestId = response.headers.get('x-request-id');
    expect(errors).toMatchObject([
      { message: 'Unexpected error.', extensions: { code: 'INTERNAL_SERVER_ERROR', requestId } },
    ]);
    const lines = t
      .logged()
      .slice(before)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const logged = lines.filter(({ level }) => level >= 50);
    expect(logged).toMatchObject([{ requestId, msg: 'unexpected error' }]);
    expect(JSON.stringify(logged)).toContain('name');
  }
});
