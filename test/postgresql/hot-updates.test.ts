import { expect, onTestFinished, test } from 'vitest';
import { createTestApp } from '../support/app.ts';
import { withClient } from '../support/plans.ts';
import { makeUser } from '../support/users.ts';

test('what updates change most is in no index, so that PostgreSQL writes the row alone', async () => {
  const t = await createTestApp();
  onTestFinished(t.close);
  const { id } = await makeUser(t.app);
  await withClient(t.app.config.DATABASE_URL, async (client) => {
    await client.query('BEGIN');
    for (const [i, column] of ['first_name', 'last_name', 'name', 'locale', 'profile_picture_url'].entries()) {
      await client.query(`UPDATE users SET ${column} = 'fr', version = version + 1, updated_at = now() WHERE id = $1`, [
        id,
      ]);
      const { rows } = await client.query(`SELECT pg_stat_get_xact_tuples_hot_updated('users'::regclass)::int AS hot`);
      expect(rows, column).toEqual([{ hot: i + 1 }]);
    }
    await client.query('ROLLBACK');
  });
});
