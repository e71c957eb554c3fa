import { describe, expect, test } from 'vitest';
import { type Answer, jsonHeaders, post, send } from '../support/server.ts';
import { dumpTables } from '../support/tables.ts';
import { useVictim } from '../support/victim.ts';

const victim = useVictim();
const update = 'mutation ($id: ID!, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { id } }';
/** Stands for a password; it must come back in no answer. */
const secret = 'hunter2hunter2';

const rest = (method: string, path: string, body: unknown): Promise<Answer> =>
  send(`${victim.server.url}${path}`, {
    method,
    headers: jsonHeaders(victim.server.key),
    body: JSON.stringify(body),
  });

/** An input with so many fields that there are not, each with a secret in it. */
const unknownFields = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, `${secret}${i}`]));

const graphql = (input: object) => post(victim.server.url, victim.server.key, update, { id: victim.userId, input });

interface Problem {
  readonly field?: string;
  readonly message: string;
}

async function problemsInRest(method: string, path: string, input: object): Promise<Problem[]> {
  const { status, text } = await rest(method, path, input);
  expect(status).toBe(422);
  expect(text).not.toContain('hunter2');
  expect(text.length).toBeLessThan(10_000);
  return JSON.parse(text).errors;
}

async function problemsInGraphQL(input: object): Promise<Problem[]> {
  const { errors = [], text, status } = await graphql(input);
  expect(status).toBe(400);
  expect(text).not.toContain('hunter2');
  expect(text.length).toBeLessThan(10_000);
  for (const { extensions } of errors) expect(extensions.code).toBe('INVALID_REQUEST_PARAMETERS');
  return errors.map(({ message, extensions }) => ({ field: extensions.field as string, message }));
}

const ways: [string, (input: object) => Promise<Problem[]>][] = [
  ['PUT', (input) => problemsInRest('PUT', `/user_management/users/${victim.userId}`, input)],
  ['POST', (input) => problemsInRest('POST', '/user_management/users', { email: 'new@example.com', ...input })],
  [
    'authenticate',
    (input) => problemsInRest('POST', '/user_management/authenticate', { grant_type: 'password', ...input }),
  ],
  ['updateUser', problemsInGraphQL],
];

describe.each(ways)('%s', (_way, problemsOf) => {
  test.each([400, 21])('of %i unknown fields tells twenty, and how many more there are', async (count) => {
    const problems = await problemsOf(unknownFields(count));
    const more = count === 21 ? 'There is one more problem.' : `There are ${count - 20} more problems.`;
    expect(problems.slice(0, 20).map(({ field }) => field)).toEqual(Array.from({ length: 20 }, (_, i) => `f${i}`));
    expect(problems.slice(20).map(({ message }) => message)).toEqual([more]);
  });

  test('tells a name to its fortieth character, and nothing that is no name', async () => {
    const problems = await problemsOf({ [`${'x'.repeat(40)}tail`]: 1, [`{"password":"${secret}"}`]: 1, 'a b': 1 });
    const [long, hidden, spaced] = problems;
    expect(long?.field).toBe(`${'x'.repeat(40)}…`);
    expect([hidden?.field, spaced?.field]).toEqual(['(a name that is not shown)', '(a name that is not shown)']);
    for (const { field, message } of problems) expect(message).toMatch(field ? /field|Field/ : /./);
  });
});

test('206 KB of unknown fields are refused as briefly, by a document that was never seen as by one that was', async () => {
  const input = unknownFields(7_500);
  for (let i = 0; i < 2; i += 1) {
    expect(await problemsInGraphQL(input)).toHaveLength(21);
    await graphql({});
  }
  const put = await problemsInRest('PUT', `/user_management/users/${victim.userId}`, input);
  expect(put.at(-1)).toEqual({ code: 'invalid_request_parameters', message: 'There are 7480 more problems.' });
});

test('a long value is not written out once for each problem', async () => {
  const metadata = Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`k${i}`, secret]));
  expect(await problemsInGraphQL({ metadata, ...unknownFields(3) })).toHaveLength(3);
});

describe('what was not understood is not repeated', () => {
  const { url, key } = { url: () => victim.server.url, key: () => victim.server.key };
  const form = (path: string, body: string) =>
    send(`${url()}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key()}`, 'content-type': 'application/x-www-form-urlencoded' },
      body,
    });
  const credentials = { grant_type: 'password', email: 'victim@example.com', password: secret, client_secret: secret };

  test('JSON that is sent as a form', async () => {
    for (const body of [JSON.stringify(credentials), ` ${JSON.stringify([credentials])}`]) {
      const answer = await form('/user_management/authenticate', body);
      expect(answer.status).toBe(400);
      expect(answer.text).not.toContain('hunter2');
      expect(JSON.parse(answer.text).message).toBe(
        'The body looks like JSON. Send it with Content-Type: application/json.',
      );
    }
  });

  test.each([
    ['a value without a name', `grant_type=password&email=a@example.com&${secret}%20${secret}`],
    ['a value without a name, twice', `${secret}%22&${secret}%22`],
    ['an encoded body', `grant_type=password&${encodeURIComponent(JSON.stringify(credentials))}`],
  ])('%s in a form', async (_what, body) => {
    const answer = await form('/user_management/authenticate', body);
    expect(answer.status).toBe(422);
    expect(answer.text).not.toContain('hunter2');
    expect(answer.text).toContain('(a name that is not shown)');
  });

  test.each(['GET', 'DELETE'])('a query of %s', async (method) => {
    const path = `/user_management/users/${victim.userId}`;
    for (const target of [`${path}?${secret}%20x=1`, `/user_management/users?${secret}%20x=1`]) {
      const answer = await send(`${url()}${target}`, { method, headers: { authorization: `Bearer ${key()}` } });
      if (answer.status !== 405) expect(answer.status).toBe(422);
      expect(answer.text).not.toContain('hunter2');
    }
  });

  test('an address of a sign-in that is none, and an id longer than any', async () => {
    const wrong = await rest('POST', '/user_management/authenticate', {
      ...credentials,
      email: secret,
      client_secret: key(),
    });
    expect([wrong.status, JSON.parse(wrong.text).message]).toEqual([400, 'Invalid credentials.']);
    expect(JSON.stringify(dumpTables(victim.server.file))).not.toContain(secret);
    const id = 'x'.repeat(5_000);
    const missing = await rest('PUT', `/user_management/users/${id}`, {});
    expect([missing.status, missing.text.length < 500]).toEqual([404, true]);
    const { errors, text } = await post(url(), key(), update, { id, input: {} });
    expect(errors).toMatchObject([{ extensions: { code: 'ENTITY_NOT_FOUND', entityId: `${'x'.repeat(128)}…` } }]);
    expect(text.length).toBeLessThan(1_000);
  });

  test.each([
    ['a parameter that is a text', { [`{"password":"${secret}"}`]: 1 }],
    ['a parameter that is long', { ['x'.repeat(5_000)]: 1 }],
  ])('%s, beside a query', async (_what, more) => {
    const answer = await post(url(), key(), '{ viewer { id } }', {}, more);
    expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
    expect(answer.text).not.toMatch(/hunter2|x{41}/);
  });

  test.each([
    ['a text in the place of a name', `mutation { authenticateWithPassword("${secret}") { accessToken } }`],
    ['a text that is one too many', `{ viewer { id } } "${secret}"`],
    ['a block text', `{ viewer(id: 1 """a " ${secret}""") }`],
    ['a text in the place of a keyword', `fragment f "${secret}" { id }`],
    ['a number', '{ viewer { id } } 987654321'],
    ['a fraction', '{ viewer { id } } 98765.4321'],
    ['a value in an input', `mutation { createUser(input: { email: 1, password: "${secret}" }) { id } }`],
    ['a default', `query ($n: Int = "${secret}") { users(first: $n) { edges { cursor } } }`],
  ])('%s in a document', async (_what, document) => {
    const answer = await post(url(), key(), document);
    expect(answer.errors?.length).toBeGreaterThan(0);
    expect(answer.text).not.toMatch(/hunter2|98765/);
  });

  test.each([
    ['a field', (name: string) => `{ ${name} }`],
    ['an argument', (name: string) => `{ user(${name}: 1) { id } }`],
    ['a type', (name: string) => `query ($x: ${name}) { user(id: $x) { id } }`],
    ['a variable', (name: string) => `{ user(id: $${name}) { id } }`],
    ['a fragment', (name: string) => `{ ...${name} }`],
    ['a directive', (name: string) => `{ viewer @${name} { id } }`],
    ['an enum value', (name: string) => `{ users(orderBy: ${name}) { edges { cursor } } }`],
    ['an input field', (name: string) => `mutation { createUser(input: { ${name}: 1 }) { id } }`],
    ['a name out of place', (name: string) => `{ viewer { id } } ${name}`],
  ])('the name of %s, beyond forty characters', async (_what, document) => {
    const answer = await post(url(), key(), document('x'.repeat(300)));
    expect(answer.errors?.length).toBeGreaterThan(0);
    expect(answer.text).not.toMatch(/x{41}/);
  });
});
