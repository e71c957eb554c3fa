import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../scripts/postgresql-server.ts';
import { newField } from '../support/new-field.ts';
import { copyRepository, type RepositoryCopy } from '../support/repository-copy.ts';
import { jsonHeaders, post, postUser, send } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

let copy: RepositoryCopy;
let before: Map<string, string>;
let url = '';
let key = '';
let stopServer = () => {};

beforeAll(async () => {
  copy = copyRepository();
  await copy.run('npm', 'run', '--silent', 'codegen');
  before = copy.files();
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const server = copy.start('dev', { PORT: String(port) });
  stopServer = () => process.kill(-(server.pid as number), 'SIGKILL');
  let output = '';
  server.stdout?.on('data', (text) => {
    output += text;
  });
  key = await waitFor('the first start', () => /sk_[\w-]{43}/.exec(output)?.[0], 60_000);
  for (const line of newField) copy.add(line);
  await copy.run('npm', 'run', '--silent', 'migration', '--', 'nick_name');
}, 240_000);
afterAll(() => {
  stopServer();
  copy?.remove();
});

describe('a new plain field of User', () => {
  test('is one line each in five files; all else is written by one command', () => {
    const after = copy.files();
    const changed = [...after.keys()].filter((name) => after.get(name) !== before.get(name)).sort();
    const migration = (provider: string) =>
      expect.stringMatching(new RegExp(`^prisma/${provider}/migrations/\\d{14}_nick_name/migration\\.sql$`));
    const byHand = newField.map(({ file }) => file);
    expect(changed).toEqual(
      expect.arrayContaining([...byHand, 'schema.graphql', migration('sqlite'), migration('postgresql')]),
    );
    expect(changed).toHaveLength(byHand.length + 3);
    const linesOf = (files: Map<string, string>, name: string) => (files.get(name) ?? '').split('\n').length;
    expect(byHand.map((name) => linesOf(after, name) - linesOf(before, name))).toEqual([1, 1, 1, 1, 1]);
  });

  test('is served at both by "npm run dev", which went on meanwhile and migrated its file', async () => {
    const isServed = () =>
      post(url, key, '{ __type(name: "User") { fields { name } } }').then(
        ({ text }) => text.includes('"nickName"'),
        () => false, // it is starting anew
      );
    await waitFor('the new field', isServed, 60_000);
    const id = await postUser(url, key, { email: 'ada@example.com', nickName: 'Ada' });
    const update = 'mutation ($id: ID!, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { nickName } }';
    const { data } = await post(url, key, update, { id, input: { nickName: 'Countess' } });
    expect(data).toEqual({ updateUser: { nickName: 'Countess' } });
    const user = `${url}/user_management/users/${id}`;
    expect(JSON.parse((await send(user, { headers: jsonHeaders(key) })).text)).toHaveProperty('nick_name', 'Countess');
    const body = '{"nick_name":null}';
    const cleared = await send(user, { method: 'PUT', headers: jsonHeaders(key), body });
    expect(JSON.parse(cleared.text)).toHaveProperty('nick_name', null);
  });

  test('is described as the model describes it, and leaves the types right', async () => {
    expect(copy.files().get('schema.graphql')).toMatch(/"""What friends call the user."""\n {2}nickName: String\n/);
    expect(await copy.run('tsc')).toBe('');
  });

  test('breaks none of the tests that know the fields of a user', async () => {
    await copy.run('node', 'scripts/build.js');
    await copy.run(
      'biome',
      'check',
      '--vcs-enabled=false',
      ...newField.map(({ file }) => file).filter((file) => /ts$/.test(file)),
    );
    const tests = ['users/three-state', 'users/access', 'users/fields', 'rest/parity', 'rest/raw', 'rest/conformance'];
    const others = [
      'rest/openapi',
      'graphql/schema/schema',
      'db/schema',
      'db/bulk-inserts',
      'moving/export',
      'moving/import',
    ];
    const paths = [...tests, ...others].map((name) => `test/${name}.test.ts`);
    const output = stripVTControlCharacters(await copy.run('vitest', 'run', '--project', 'sqlite', ...paths));
    expect(output, 'each of them was found').toMatch(new RegExp(`Test Files +${paths.length} passed`));
  }, 900_000);
});
