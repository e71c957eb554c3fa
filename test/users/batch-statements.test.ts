import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import type { User } from '../../src/db/database.ts';
import { databaseOptions } from '../../src/db/database-options.ts';
import { updateUser } from '../../src/users/update.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { openRecorded } from '../support/recording.ts';
import { linkAddresses, makeUser, newAddress } from '../support/users.ts';

let t: TestApp;
/** The same app on connections that tell what SQL they are sent. */
let app: App;
let statements: string[] = [];

beforeAll(async () => {
  t = await createTestApp();
  const db = await openRecorded(databaseOptions(t.app.config), ({ sql }) => void statements.push(sql));
  app = { ...t.app, db };
});

afterAll(async () => {
  await app.db.close();
  await t.close();
});

async function makeUsers(count: number): Promise<User[]> {
  const users: User[] = [];
  for (let i = 0; i < count; i += 1) {
    const user = await makeUser(t.app, { emailVerified: true });
    await linkAddresses(t.app, user.id, [user.email, newAddress(), null]);
    users.push(user);
  }
  return users;
}

/** The same for one row as for several, where rows are given as the parameters of VALUES, some with their number. */
function withOneRow(sql: string): string {
  return sql.replaceAll(/(\([?, ]+)(\d*\))(, \1\d*\))+/g, '$1$2');
}

/** The statements by which so many users are given new addresses at the same time. */
async function statementsFor(count: number): Promise<string[]> {
  const users = await makeUsers(count);
  statements = [];
  await Promise.all(users.map(({ id }) => updateUser(app, 'roster', id, { email: newAddress() })));
  return statements.map(withOneRow);
}

test('new addresses that come together are stored, with all that follows from them, by as many statements as one', async () => {
  await statementsFor(1);
  const ofOne = await statementsFor(1);
  expect(ofOne.length).toBeGreaterThan(4);
  expect(await statementsFor(8)).toEqual(ofOne);
});
