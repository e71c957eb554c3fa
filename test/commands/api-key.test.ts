import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newTestDatabase, roster } from '../support/processes.ts';
import { post, type Served, serveHere } from '../support/server.ts';

let server: Served;
beforeAll(async () => {
  server = await serveHere();
});
afterAll(() => server.dispose());

const cli = (...args: string[]) => roster(args, { DATABASE_URL: server.databaseUrl });

test('create prints the key alone on standard output; it works at once and appears in the list without itself', async () => {
  const { code, stdout, stderr } = await cli('api-key', 'create', 'my backend');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^sk_[\w-]{43}\n$/);
  const key = stdout.trim();
  expect(stderr).not.toContain(key);
  expect(await post(server.url, key, '{ __typename }')).toMatchObject({ status: 200, data: { __typename: 'Query' } });

  const list = await cli('api-key', 'list');
  expect(list.code).toBe(0);
  const id = /key_\w+/.exec(stderr)?.[0];
  const lines = list.stdout.trim().split('\n');
  expect(lines.map((line) => line.split('  ')[1])).toEqual(['development', 'my backend']);
  expect(lines[1]).toMatch(new RegExp(`^${id}  my backend  created \\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z  (last|never) used`));
  expect(list.stdout).not.toContain('sk_');
});

test('create gives the scopes that it is told, and knows no others', async () => {
  const { code, stderr } = await cli('api-key', 'create', 'reports', '--scope', 'users:read', 'sessions:read');
  expect([code, stderr]).toEqual([0, expect.stringContaining('may: users:read sessions:read.')]);
  expect((await cli('api-key', 'list')).stdout).toMatch(
    /reports {2}created .* {2}may: users:read sessions:read {2}may not: \S+/m,
  );
  const { stdout } = await cli('api-key', 'list');
  expect(stdout.split('\n').filter((line) => line.includes('may not'))).toHaveLength(1); // a key with every scope lacks none
  const wrong = await cli('api-key', 'create', 'wrong', '--scope', 'users:everything');
  expect(wrong).toMatchObject({ code: 1, stdout: '' });
  expect(wrong.stderr).toContain("There is no scope 'users:everything'. The scopes are: users:read,");
});

test('revoke says what it did, once; the list shows it', async () => {
  const { stderr } = await cli('api-key', 'create', 'old');
  const id = /key_\w+/.exec(stderr)?.[0] ?? '';
  const revoked = await cli('api-key', 'revoke', id);
  expect(revoked).toMatchObject({ code: 0, stderr: '' });
  expect(revoked.stdout).toContain(`Revoked ${id}.`);
  expect((await cli('api-key', 'list')).stdout).toMatch(new RegExp(`^${id}  old  .*  revoked \\d{4}-`, 'm'));
  expect(await cli('api-key', 'revoke', id)).toMatchObject({ code: 1, stdout: '' });
});

test('a name with a line break or an escape, which could pass for another line of the list, is refused', async () => {
  for (const name of ['a\nkey_01M86CENHM3RPW9NDF9Q1YNMNW', 'a\u001b[2K', 'a\u202e']) {
    const { code, stdout, stderr } = await cli('api-key', 'create', name);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('none of them a control character');
  }
});

test('revoke of an unknown id is refused in one sentence', async () => {
  const { code, stdout, stderr } = await cli('api-key', 'revoke', 'key_nonsense');
  expect({ code, stdout, stderr }).toEqual({
    code: 1,
    stdout: '',
    stderr: "There is no active API key 'key_nonsense'.\n",
  });
});

test('revoke of the key itself asks for its id, and does not repeat it', async () => {
  const { code, stdout, stderr } = await cli('api-key', 'revoke', server.key);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^That is a key\. [^\n]*key_…[^\n]*"node dist\/main\.js api-key list"[^\n]*\n$/);
  expect(stderr).not.toContain('sk_');
});

test('list of a database without keys says how to make the first one', async () => {
  const { url } = newTestDatabase({ isMigrated: true });
  const { code, stdout, stderr } = await roster(['api-key', 'list'], { DATABASE_URL: url });
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toContain('node dist/main.js api-key create NAME');
});

test('create says in which database', async () => {
  const { url, file } = newTestDatabase();
  const { stderr } = await roster(['api-key', 'create', 'backend'], { DATABASE_URL: url });
  expect(stderr).toMatch(/^Made key_\w+ in \S+, which may: /);
  expect(stderr).toContain(` in ${file}, `);
});

test.each([
  ['api-key', 'list'],
  ['api-key', 'revoke', 'key_01E4ZCR3C56J083X43JQXF3JK5'],
  ['signing-key', 'list'],
  ['signing-key', 'rotate'],
])('%s %s refuses a file that is not there, and makes none', async (...args) => {
  const { url, file, folder } = newTestDatabase();
  const { code, stdout, stderr } = await roster(args, { DATABASE_URL: url });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^There is no file \S+\. [^\n]+ DATABASE_URL [^\n]+: node dist\/main\.js migrate\n$/);
  expect(stderr).toContain(file);
  expect(readdirSync(folder)).toEqual([]);
});

test('migrate says what it applied, and then that there is nothing to do', async () => {
  const { url } = newTestDatabase();
  const first = await roster(['migrate'], { DATABASE_URL: url });
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toMatch(/^(Applied \d{14}_\w+\.\n)+$/);
  const second = await roster(['migrate'], { DATABASE_URL: url });
  expect(second).toMatchObject({ code: 0, stderr: '', stdout: 'The database is up to date.\n' });
});
