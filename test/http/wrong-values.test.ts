import { describe, expect, test } from 'vitest';
import { jsonHeaders, post, send } from '../support/server.ts';
import { useVictim } from '../support/victim.ts';

const victim = useVictim();

const update = 'mutation ($id: ID!, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { id } }';
const inVariables = (input: unknown) =>
  post(victim.server.url, victim.server.key, update, { id: victim.userId, input });
const inDocument = (input: string) =>
  post(victim.server.url, victim.server.key, `mutation { updateUser(id: "${victim.userId}", input: ${input}) { id } }`);

/** Stands for a password; it must come back in no answer. */
const secret = 'hunter2hunter2';

const wrong: [what: string, field: string, value: unknown, literal: string][] = [
  ['an unknown input field', 'nickname', secret, `"${secret}"`],
  ['a password that is a number', 'password', 987_654_321, '987654321'],
  ['a password in a list', 'password', [secret], `["${secret}"]`],
  ['a password in an object', 'password', { value: secret }, `{ value: "${secret}" }`],
  ['a password that looks like part of a message', 'password', [`x" at "${secret}"; ${secret}`], `["x; ${secret}"]`],
  ['an email that is a number', 'email', 987_654_321, '987654321'],
  ['a flag that is a text', 'emailVerified', `a; ${secret}`, `"a; ${secret}"`],
  ['a hash where its type belongs', 'passwordHashType', secret, `"${secret}"`],
  ['an unknown enum value', 'passwordHashType', secret.toUpperCase(), secret.toUpperCase()],
  ['a locale that is an object', 'locale', { tag: secret }, `{ tag: "${secret}" }`],
];

describe('a wrong value is refused with its field, and is not repeated', () => {
  test.each(wrong)('%s, in variables', async (_what, field, value) => {
    const answer = await inVariables({ [field]: value });
    expect(answer.errors).toMatchObject([{ extensions: { code: 'INVALID_REQUEST_PARAMETERS', field } }]);
    expect(answer.text).not.toMatch(/hunter2|987654321/i);
    expect(answer.text).toContain(field);
  });

  test.each(wrong)('%s, in the document', async (_what, field, _value, literal) => {
    const answer = await inDocument(`{ ${field}: ${literal} }`);
    expect(answer.errors).toMatchObject([{ extensions: { code: 'INVALID_REQUEST_PARAMETERS', field } }]);
    expect(answer.text).not.toMatch(/hunter2|987654321/i);
  });

  test('a variable of another type than the field: the declaration is to blame', async () => {
    const document = 'mutation ($id: ID!, $p: Int) { updateUser(id: $id, input: { password: $p }) { id } }';
    const answer = await post(victim.server.url, victim.server.key, document, { id: victim.userId, p: 987_654_321 });
    expect(answer.errors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
    expect(answer.text).not.toContain('987654321');
  });

  test('a moment that is none', async () => {
    const list = 'query ($filter: UserFilter) { users(filter: $filter) { edges { cursor } } }';
    const answers = await Promise.all([
      post(victim.server.url, victim.server.key, list, { filter: { createdFrom: secret } }),
      post(
        victim.server.url,
        victim.server.key,
        `{ users(filter: { createdFrom: "${secret}" }) { edges { cursor } } }`,
      ),
    ]);
    for (const answer of answers) {
      expect(answer.errors).toMatchObject([
        { extensions: { field: 'createdFrom', code: 'INVALID_REQUEST_PARAMETERS' } },
      ]);
      expect(answer.text).not.toContain(secret);
    }
  });

  test('an id that is an object, a missing id, an input that is a text: each names its variable', async () => {
    const cases = [
      [{ id: { value: secret }, input: {} }, 'id'],
      [{ input: {} }, 'id'],
      [{ id: null, input: {} }, 'id'],
      [{ id: victim.userId, input: secret }, 'input'],
    ] as const;
    for (const [variables, field] of cases) {
      const answer = await post(victim.server.url, victim.server.key, update, variables);
      expect(answer.errors).toMatchObject([{ extensions: { code: 'INVALID_REQUEST_PARAMETERS', field } }]);
      expect(answer.text).not.toContain(secret);
    }
  });

  test('several wrong variables are reported in one answer', async () => {
    const { errors } = await inVariables({ password: 1, emailVerified: 'x', nickname: 'x' });
    const fields = errors?.map(({ extensions }) => extensions.field);
    expect(fields?.sort()).toEqual(['emailVerified', 'nickname', 'password']);
  });
});

describe('__proto__', () => {
  const body = (input: string) =>
    `{"query": ${JSON.stringify(update)}, "variables": {"id": "${victim.userId}", "input": ${input}}}`;
  const sendBody = (text: string) =>
    send(`${victim.server.url}/graphql`, { method: 'POST', headers: jsonHeaders(victim.server.key), body: text });

  test('as a metadata key is refused by name, in variables and in the document', async () => {
    const expected = [{ message: expect.stringContaining('__proto__'), extensions: { code: 'INVALID_METADATA' } }];
    expect((await sendBody(body('{"metadata": {"__proto__": "x"}}'))).errors).toMatchObject(expected);
    expect((await inDocument('{ metadata: { __proto__: "x" } }')).errors).toMatchObject(expected);
  });

  test('as an input field is an unknown field', async () => {
    const { errors } = await sendBody(body('{"__proto__": {"name": "x"}}'));
    expect(errors).toMatchObject([{ extensions: { code: 'INVALID_REQUEST_PARAMETERS', field: '__proto__' } }]);
  });
});
