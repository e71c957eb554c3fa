import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { CreateUser, UpdateUser } from '../support/documents.ts';
import { countCodes, type Fleet, startFleet } from '../support/fleet.ts';
import { countWaiting } from '../support/hold-writes.ts';
import { openReader } from '../support/stored.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitFor } from '../support/wait.ts';

let database: TestDatabase;
let fleet: Fleet;
let serial = 0;

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

async function makeUser(): Promise<string> {
  serial += 1;
  return (await fleet.succeed(CreateUser, { input: { email: `conflict${serial}@example.com` } })).createUser.id;
}

beforeAll(async () => {
  database = await createTestDatabase();
  fleet = await startFleet(2, database.url);
});
afterAll(async () => {
  await fleet.dispose();
  await database.remove();
});

/** From now on the server counts changes of users, also undone ones, and refuses the first few as it does on a conflict. */
async function countAttempts(failures: number) {
  const owner = await connect();
  await owner.query(`
    CREATE SEQUENCE attempts;
    CREATE FUNCTION attempt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('attempts') <= ${failures} THEN RAISE EXCEPTION USING ERRCODE = '40001'; END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER attempt BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION attempt();`);
  return async () => {
    const { rows } = await owner.query('SELECT last_value::int FROM attempts');
    await owner.query('DROP TRIGGER attempt ON users; DROP FUNCTION attempt; DROP SEQUENCE attempts');
    return rows[0].last_value as number;
  };
}

describe('a deadlock', () => {
  test('that another program causes is tried again, and the update is done as if nothing had been', async () => {
    const id = await makeUser();
    const end = await countAttempts(0);
    const other = await connect();
    await other.query("SET deadlock_timeout = '1h'"); // so that Roster gives way: it waits for no lock as long as that
    await other.query('BEGIN');
    await other.query(
      `INSERT INTO users (id, email, email_canonical, metadata, created_at, updated_at)
       VALUES ('other', 'wanted@example.com', 'wanted@example.com', '{}', now(), now())`,
    );
    // Roster locks the user and waits for the address; the other has the address and waits for the user.
    const answer = fleet.ask(UpdateUser, { id, input: { email: 'wanted@example.com' } });
    const watcher = await connect();
    await waitFor('Roster to wait', async () => (await countWaiting(watcher)) === 1 || null);
    await other.query('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [id]);
    await other.query('ROLLBACK');
    expect((await answer).data).toMatchObject({ updateUser: { email: 'wanted@example.com', version: 2 } });
    expect(await end()).toBeGreaterThanOrEqual(2);
    fleet.assertHealthy();
  });
});

describe('a serialization failure', () => {
  test('is tried again until it succeeds', async () => {
    const id = await makeUser();
    const end = await countAttempts(3);
    const answer = await fleet.ask(UpdateUser, { id, input: { firstName: 'Patient' } });
    expect(await end()).toBe(4);
    expect(answer.data).toMatchObject({ updateUser: { firstName: 'Patient', version: 2 } });
  });

  test('that does not end is given up after six attempts, as SERVICE_UNAVAILABLE; nothing is written', async () => {
    const id = await makeUser();
    const end = await countAttempts(1000);
    const answer = await fleet.ask(UpdateUser, { id, input: { firstName: 'Never' } });
    expect(await end()).toBe(6);
    expect(answer.errors).toMatchObject([{ extensions: { code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: 1 } }]);
    expect(answer.headers.get('retry-after')).toBe('1');
    const reader = await openReader(database.url);
    expect(await reader.user.findUnique({ where: { id } })).toMatchObject({ firstName: null, version: 1 });
    fleet.assertHealthy();
  });

  test('among many at the strictest isolation: what was acknowledged stands, what was not is SERVICE_UNAVAILABLE', async () => {
    const owner = await connect();
    const isolation = (level: string) =>
      owner.query(
        `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = ''${level}''', current_database()); END $$`,
      );
    await isolation('serializable');
    onTestFinished(async () => void (await isolation('read committed')));
    const strict = await startFleet(2, database.url, {}, fleet.key);
    onTestFinished(() => strict.dispose());
    const id = await makeUser();
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => strict.ask(UpdateUser, { id, input: { metadata: { [`key${i}`]: '' } } })),
    );
    const { ok = 0, SERVICE_UNAVAILABLE = 0 } = countCodes(answers);
    expect(ok + SERVICE_UNAVAILABLE).toBe(40);
    expect(ok).toBeGreaterThan(0);
    const user = await (await openReader(database.url)).user.findUnique({ where: { id } });
    const acknowledged = answers.flatMap(({ errors }, i) => (errors ? [] : [`key${i}`]));
    expect(Object.keys(user?.metadata as object).sort()).toEqual(acknowledged.sort());
    expect(user?.version).toBe(1 + ok);
    strict.assertHealthy();
  });
});
