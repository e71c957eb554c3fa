import { createHash, randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { createApp } from '../../src/create-app.ts';
import { refreshSession } from '../../src/sessions/refresh.ts';
import { createEarlierDatabase } from '../support/earlier-database.ts';
import { migrateByCommand } from '../support/migrate-by-command.ts';

const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString();
const newToken = () => `rt_${randomBytes(32).toString('base64url')}`;
const hash = (token: string) => createHash('sha256').update(token).digest('hex');

const userId = `user_${'0'.repeat(25)}1`;
const sessionIds = ['1', '2', '3'].map((last) => `session_${'0'.repeat(25)}${last}`) as [string, string, string];
const [going, reused, ended] = sessionIds;
const tokens = Object.fromEntries(sessionIds.map((id) => [id, { used: newToken(), newest: newToken() }])) as Record<
  string,
  { used: string; newest: string }
>;

const rows = [
  `INSERT INTO users (id, email, email_canonical, metadata, created_at, updated_at)
   VALUES ('${userId}', 'a@example.com', 'a@example.com', '{}', '${day(-2)}', '${day(-2)}')`,
  ...sessionIds.flatMap((id) => [
    `INSERT INTO sessions (id, user_id, auth_method, created_at, updated_at, expires_at, ended_at)
     VALUES ('${id}', '${userId}', 'password', '${day(-1)}', '${day(-1)}', '${day(29)}', ${id === ended ? `'${day(0)}'` : 'NULL'})`,
    `INSERT INTO refresh_tokens VALUES ('${hash(tokens[id]?.used ?? '')}', '${id}', '${day(-1)}', '${day(-1)}')`,
    `INSERT INTO refresh_tokens VALUES ('${hash(tokens[id]?.newest ?? '')}', '${id}', '${day(-1)}', NULL)`,
  ]),
].join(';\n');

test('after the upgrade, refresh tokens from before are good as they were, and a used one ends its session', async () => {
  const databaseUrl = await createEarlierDatabase('refresh_token_families', rows);
  await migrateByCommand(databaseUrl);
  const app = await createApp(readConfig({ DATABASE_URL: databaseUrl }), pino({ level: 'silent' }));
  onTestFinished(() => app.stop());
  const refresh = (token = '') =>
    refreshSession(app, token).then(
      ({ refreshToken }) => refreshToken,
      ({ code }) => code,
    );

  const next = await refresh(tokens[going]?.newest);
  expect(next).toMatch(/^rt_0{25}1_1_/);
  expect(await refresh(next)).toMatch(/^rt_0{25}1_2_/);
  expect(await refresh(tokens[reused]?.used)).toBe('invalid_grant');
  expect(await refresh(tokens[reused]?.newest)).toBe('invalid_grant');
  expect(await refresh(tokens[ended]?.newest)).toBe('invalid_grant');
  const active = await app.db.reader.session.findMany({ where: { endedAt: null }, select: { id: true } });
  expect(active).toEqual([{ id: going }]);
});
