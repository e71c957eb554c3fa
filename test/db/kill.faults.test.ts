import { randomInt } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { SqliteDatabase } from '../../src/db/sqlite/driver.ts';
import { CreateUser, GetUser, LinkIdentity, UpdateUser } from '../support/documents.ts';
import { expectPositionsWhole, expectVersionsRecorded } from '../support/recorded-versions.ts';
import { post, type ServerProcess, startServerProcess } from '../support/server.ts';
import { openReader } from '../support/stored.ts';

const userCount = 8;
const rounds = 6;

interface StoredUser {
  id: string;
  email: string;
  emailCanonical: string;
  emailVerified: number;
  firstName: string;
  lastName: string;
  counter: string;
  version: number;
  identities: number;
  strayIdentities: number;
}

let key = '';

async function start(settings: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await startServerProcess({ LOG_LEVEL: 'silent', ...settings });
  onTestFinished(() => server.dispose());
  return server;
}

/** Every fifth update changes the address. */
const address = (user: number, n: number) => `user${user}-${n - (n % 5)}@example.com`;

async function call(server: ServerProcess, document: unknown, variables: Record<string, unknown>) {
  const { data, errors } = await post(server.url, key, String(document), variables);
  expect(errors).toBeUndefined();
  return data as Record<string, { id: string }>;
}

/** Update `n`: the same number in three fields; besides them, in turn, a new address, a verified one, an identity. */
async function update(server: ServerProcess, user: number, id: string, n: number) {
  if (n % 5 === 4) {
    const input = { provider: 'GOOGLE_OAUTH', idpId: `${user}-${n}`, email: address(user, n) };
    await call(server, LinkIdentity, { userId: id, input });
  }
  const input = {
    firstName: `${n}`,
    lastName: `${n}`,
    metadata: { counter: `${n}` },
    ...(n % 5 === 0 && { email: address(user, n) }),
    ...(n % 5 === 2 && { emailVerified: true }),
  };
  await call(server, UpdateUser, { id, input });
}

function readUsers(file: string): StoredUser[] {
  const connection = new SqliteDatabase(file);
  try {
    expect(connection.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(connection.pragma('foreign_key_check')).toEqual([]);
    return connection
      .prepare<[], StoredUser>(
        `SELECT id, email, email_canonical AS emailCanonical, email_verified AS emailVerified, first_name AS firstName,
           last_name AS lastName, metadata ->> 'counter' AS counter, version,
           (SELECT count(*) FROM identities i WHERE i.user_id = u.id) AS identities,
           (SELECT count(*) FROM identities i WHERE i.user_id = u.id AND i.email_canonical <> u.email_canonical) AS strayIdentities
         FROM users u ORDER BY id`,
      )
      .all();
  } finally {
    connection.close();
  }
}

/** What a user is after update `n`, whole; the identity for the next address may be there already. */
function expectWhole(stored: StoredUser, user: number) {
  const n = Number(stored.firstName);
  const linked = stored.identities === 1;
  expect(stored).toMatchObject({
    lastName: `${n}`,
    counter: `${n}`,
    email: address(user, n),
    emailCanonical: address(user, n),
    emailVerified: n % 5 >= 2 ? 1 : 0,
    identities: n % 5 === 4 || (n % 5 === 3 && linked) ? 1 : 0,
    strayIdentities: 0,
    version: 1 + n + Math.floor((n + 1) / 5) + (n % 5 === 3 && linked ? 1 : 0),
  });
}

test('kill -9 in a stream of updates loses no acknowledged one and leaves none half applied', async () => {
  let server = await start();
  const { file } = server;
  key = server.key;
  const ids: string[] = [];
  for (let user = 0; user < userCount; user += 1) {
    const input = { email: address(user, 0), firstName: '0', lastName: '0', metadata: { counter: '0' } };
    ids.push((await call(server, CreateUser, { input })).createUser?.id ?? '');
  }
  const acknowledged = ids.map(() => 0);

  for (let round = 0; round < rounds; round += 1) {
    let untilKill = round % 2 === 0 ? randomInt(30, 120) : randomInt(1000, 3000); // in the long ones checkpoints are under way
    let killed: Promise<unknown> | null = null;
    const running = server;
    await Promise.all(
      ids.map(async (id, user) => {
        for (let n = (acknowledged[user] ?? 0) + 1; ; n += 1) {
          const failure = await update(running, user, id, n).then(
            () => null,
            (error: unknown) => error,
          );
          if (failure && !killed) throw failure;
          if (failure) return;
          acknowledged[user] = n;
          untilKill -= 1;
          if (untilKill === 0) killed = running.stop('SIGKILL');
        }
      }),
    );
    await killed;

    const stored = readUsers(file);
    expect(stored.map(({ id }) => id).sort()).toEqual([...ids].sort());
    for (const [user, id] of ids.entries()) {
      const row = stored.find((candidate) => candidate.id === id) as StoredUser;
      expectWhole(row, user);
      expect(Number(row.firstName)).toBeGreaterThanOrEqual(acknowledged[user] ?? 0);
      acknowledged[user] = Number(row.firstName);
    }

    server = await start({ DATABASE_URL: `file:${file}` });
    expect((await fetch(`${server.url}/ready`)).status).toBe(200);
    const reader = await openReader(server.databaseUrl);
    await expectPositionsWhole(reader);
    for (const { id, version } of stored) {
      await expectVersionsRecorded(reader, id, version);
      expect((await call(server, GetUser, { id })).user).toMatchObject({ version });
    }
  }
}, 120_000);
