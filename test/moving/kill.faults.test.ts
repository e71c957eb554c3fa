import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { readLines } from '../../src/input/text-file.ts';
import { temporaryFolder } from '../support/database.ts';
import { newStore, type Store } from '../support/moving.ts';
import { startRoster } from '../support/processes.ts';

const users = Number(process.env.IMPORT_USERS ?? 200_000);
const kills = 20;
const fewUsers = 20_000;
const hash = '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy';

/** Users of Auth0, every tenth without a time of creation, every hundredth with the address of the one before. */
function writeUsers(file: string, count: number): void {
  const lines = Array.from({ length: count }, (_, i) =>
    JSON.stringify({
      user_id: `auth0|${i}`,
      email: `${i % 100 === 99 ? 'USER' : 'user'}${i % 100 === 99 ? i - 1 : i}@example.com`,
      email_verified: i % 3 === 0,
      created_at: i % 10 === 0 ? undefined : new Date(1_700_000_000_000 + i * 1000).toISOString(),
      user_metadata: { plan: 'pro' },
      password_hash: hash,
      identities: [{ provider: 'google-oauth2', user_id: `g${i}` }],
    }),
  );
  writeFileSync(file, lines.join('\n'));
}

/** How many are stored, and a digest of all of it but for what depends on when an import was begun. */
async function contents(store: Store) {
  const file = join(temporaryFolder(), 'export.jsonl');
  await store.run('export', '--output', file);
  const digests: string[] = [];
  for await (const { text } of readLines(file)) {
    const { id, updatedAt, createdAt, identities, password, ...rest } = JSON.parse(text);
    if (id === undefined) continue; // the first line and the last
    const isDated = Number(rest.externalId.split('|')[1]) % 10 !== 0;
    const accounts = identities.map(({ provider, idpId }: Record<string, string>) => [provider, idpId]);
    const kept = [rest, accounts, password.hash, isDated && [id, createdAt, identities, password]];
    digests.push(digest(JSON.stringify(kept)));
  }
  return { users: digests.length, digest: digest(digests.sort().join()) };
}

/** How far an import says that it is, and what there is. */
const stateOf = (store: Store) =>
  store.withDatabase(async ({ reader }) => {
    const row = await reader.import.findFirst();
    const { created = 0 } = (row?.counts ?? {}) as { created?: number };
    return {
      records: row?.records ?? 0,
      created,
      isFinished: row?.finishedAt != null,
      users: await reader.user.count(),
    };
  });

const digest = (text: string) => createHash('sha256').update(text).digest('hex');

test('an import that is killed at twenty random moments ends as one that never was', async () => {
  const [untouched, killed] = [await newStore(), await newStore()];
  const file = join(temporaryFolder(), 'users.jsonl');
  writeUsers(file, users);
  const start = (store: Store) => startRoster(['import', file], { DATABASE_URL: store.url });
  const startedAt = performance.now();
  const whole = await start(untouched).ended;
  expect(whole).toMatchObject({ code: 0 });
  const neededMs = performance.now() - startedAt;

  const reached = new Set<number>();
  let wasOver = false;
  for (let i = 0; i < kills; i += 1) {
    const { child, ended } = start(killed);
    await sleep(500 + (Math.random() * neededMs) / 8);
    child.kill('SIGKILL');
    await ended;
    const at = await stateOf(killed);
    if (!wasOver) expect(at.users, 'what is stored is what is written down as done').toBe(at.created);
    wasOver ||= at.isFinished; // once it has come to its end, it begins anew, and nobody is created
    reached.add(at.records);
  }
  expect(reached.size, 'it was killed all along the file').toBeGreaterThan(3);
  const last = await start(killed).ended;
  expect(last).toMatchObject({ code: 0 });
  const expected = await contents(untouched);
  expect(expected.users).toBe(users - users / 100);
  expect(await contents(killed)).toEqual(expected);
  expect((await killed.run('import', 'status')).stdout).toMatch(new RegExp(`${users} records.*finished`));
});

test('of two that are started at once, the second waits and changes nothing', async () => {
  const store = await newStore();
  const file = join(temporaryFolder(), 'users.jsonl');
  writeUsers(file, fewUsers);
  const start = () => startRoster(['import', file], { DATABASE_URL: store.url }).ended;
  const both = await Promise.all([start(), start()]);
  const created = both.map(({ stdout }) => Number(/^created +(\d+)/m.exec(stdout)?.[1])).sort((a, b) => a - b);
  expect(created).toEqual([0, fewUsers - fewUsers / 100]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(both.map(({ stderr }) => stderr).join('')).toContain('waiting for it');
});
