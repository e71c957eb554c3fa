import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { carryHash } from '../../src/passwords/carry-hash.ts';
import { storedHashTypes } from '../../src/passwords/stored-password.ts';
import { type CarriedVector, carriedVectors, storedOf, tampered } from '../passwords/carried-vectors.ts';
import { newFolder } from '../support/folders.ts';
import { storeAt } from '../support/moving.ts';
import { post, startTestServer, type TestServer } from '../support/server.ts';
import { createTestDatabase } from '../support/test-database.ts';

/** The type that is stored; of what is wrapped, the weak function, too. */
async function kindOf(vector: CarriedVector): Promise<string> {
  const { type, hash } = await storedOf(vector);
  return type === 'wrapped' ? `wrapped ${hash.split('$')[3]}` : type;
}

/** One hash of each kind, of those whose spelling says all. */
const byKind = new Map<string, CarriedVector>();
for (const vector of carriedVectors) {
  if (vector.algorithm !== undefined || vector.salt !== undefined || vector.parameters !== undefined) continue;
  const kind = await kindOf(vector);
  if (!byKind.has(kind)) byKind.set(kind, vector);
}
const kinds = [...byKind].map(([kind, vector], i) => ({ kind, vector, i }));

const signIn =
  'mutation ($email: EmailAddress!, $password: String!) { authenticateWithPassword(email: $email, password: $password) { user { email } } }';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let server: TestServer;

/** All users come with one import, through the command line; those whose hash was tampered with, too. */
beforeAll(async () => {
  database = await createTestDatabase();
  const lines = kinds.flatMap(({ vector, i }) => [
    { email: `right${i}@example.com`, email_verified: true, password_hash: vector.hash },
    { email: `tampered${i}@example.com`, email_verified: true, password_hash: tampered(vector).hash },
  ]);
  const folder = newFolder();
  const file = join(folder, 'users.jsonl');
  writeFileSync(file, lines.map((line) => JSON.stringify(line)).join('\n'));
  await storeAt(database.url).run('import', file, '--from', 'csv');
  rmSync(folder, { recursive: true });
  server = await startTestServer({ DATABASE_URL: database.url });
});

afterAll(async () => {
  await server.close();
  await database.remove();
});

const passwordOf = (email: string) => server.app.db.reader.password.findFirst({ where: { user: { email } } });

test('every kind of hash that is stored is among them', () => {
  const types = new Set(kinds.map(({ kind }) => kind.split(' ')[0]));
  expect([...types].sort()).toEqual([...storedHashTypes].sort());
});

test.each(kinds)('$kind: the old password signs in, and from then on argon2id is stored', async ({ vector, i }) => {
  const [email, password] = [`right${i}@example.com`, vector.password];
  const before = await passwordOf(email);
  expect(before?.type).toBe(vector.type);
  expect((await post(server.url, server.key, signIn, { email, password })).data).toEqual({
    authenticateWithPassword: { user: { email } },
  });
  const after = await passwordOf(email);
  expect([after?.type, after?.hash.split('$')[1]]).toEqual(['argon2', 'argon2id']);
  // What is argon2id already, and no cheaper than our own, stays.
  expect(after?.hash === before?.hash).toBe(before?.hash.startsWith('$argon2id$'));
});

test.each(kinds)('$kind: with a hash that was tampered with, it does not', async ({ vector, i }) => {
  const email = `tampered${i}@example.com`;
  const isCarried = carryHash(tampered(vector)).kind !== 'refused';
  const before = await passwordOf(email);
  expect(before !== null, 'it is there, or was refused at once').toBe(isCarried);
  const { errors } = await post(server.url, server.key, signIn, { email, password: vector.password });
  expect(errors?.[0]?.extensions?.code).toBe('INVALID_CREDENTIALS');
  expect(await passwordOf(email)).toEqual(before);
});
