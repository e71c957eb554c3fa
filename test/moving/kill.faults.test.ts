import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/database.ts';
import { newStore, type Store } from '../support/moving.ts';
import { startRoster } from '../support/processes.ts';

const users = Number(process.env.IMPORT_USERS ?? 20_000);
const kills = 20;
const hash = '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy';

/** Users of Auth0, every tenth without a time of creation, every hundredth with the address of the one before. */
function writeUsers(file: string): void {
  const lines = Array.from({ length: users }, (_, i) =>
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

/** What is stored, but for what depends on when an import was begun. */
async function contents(store: Store): Promise<string[]> {
  const { stdout } = await store.run('export');
  const texts = stdout
    .trimEnd()
    .split('\n')
    .slice(1, -1)
    .map((line) => {
      const { id, updatedAt, createdAt, identities, password, ...rest } = JSON.parse(line);
      const isDated = Number(rest.externalId.split('|')[1]) % 10 !== 0;
      const accounts = identities.map(({ provider, idpId }: Record<string, string>) => [provider, idpId]);
      return JSON.stringify([rest, accounts, password.hash, isDated && [id, createdAt, identities, password]]);
    });
  return texts.sort();
}

const digest = (lines: string[]) => createHash('sha256').update(lines.join('\n')).digest('hex');

test('an import that is killed twenty times ends as one that never was', async () => {
  const [untouched, killed] = [await newStore(), await newStore()];
  const file = join(temporaryFolder(), 'users.jsonl');
  writeUsers(file);
  const start = (store: Store) => startRoster(['import', file], { DATABASE_URL: store.url });
  const startedAt = performance.now();
  const whole = await start(untouched).ended;
  expect(whole).toMatchObject({ code: 0 });
  const neededMs = performance.now() - startedAt;

  for (let i = 0; i < kills; i += 1) {
    const { child, ended } = start(killed);
    await sleep(Math.random() * Math.min(neededMs, 1500 + (i * neededMs) / kills));
    child.kill('SIGKILL');
    await ended;
  }
  const last = await start(killed).ended;
  expect(last).toMatchObject({ code: 0 });
  const [expected, found] = [await contents(untouched), await contents(killed)];
  expect(expected).toHaveLength(users - users / 100);
  expect(digest(found)).toBe(digest(expected));
  expect((await killed.run('import', 'status')).stdout).toMatch(new RegExp(`${users} records.*finished`));
});

test('of two that are started at once, the second waits and changes nothing', async () => {
  const store = await newStore();
  const file = join(temporaryFolder(), 'users.jsonl');
  writeUsers(file);
  const start = () => startRoster(['import', file], { DATABASE_URL: store.url }).ended;
  const both = await Promise.all([start(), start()]);
  const created = both.map(({ stdout }) => Number(/^created +(\d+)/m.exec(stdout)?.[1])).sort((a, b) => a - b);
  expect(created).toEqual([0, users - users / 100]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(both.map(({ stderr }) => stderr).join('')).toContain('waiting for it');
});
