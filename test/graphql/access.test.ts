import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLInputObjectType,
  getNamedType,
  isInputObjectType,
  isNonNullType,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rootFields } from '../../src/graphql/access.ts';
import { guardRootFields } from '../../src/graphql/schema/root-field-guard.ts';
import { schema } from '../../src/graphql/schema/schema.ts';
import { routes } from '../../src/rest/routes.ts';
import { userAccess } from '../../src/users/access.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { makeSignedIn, password, type SignedIn } from '../support/sessions.ts';
import { dump } from '../support/users.ts';

let t: TestApp;
let alice: SignedIn;
beforeAll(async () => {
  t = await createTestApp();
  alice = await makeSignedIn(t);
});
afterAll(() => t.close());

const open = [
  'viewer',
  'previewUpdateUser',
  'updateUser',
  'authenticateWithPassword',
  'refreshSession',
  'revokeSession',
  'requestSignInCode',
  'authenticateWithCode',
  'authenticateWithEmailVerification',
  'sendEmailVerification',
  'confirmEmailVerification',
  'sendEmailChange',
  'confirmEmailChange',
  'requestPasswordReset',
  'confirmPasswordReset',
];
const examples: Record<string, string> = {
  ID: '"user_x"',
  EmailAddress: '"ada@example.com"',
  String: '"text"',
  Boolean: 'true',
  CreateUserInput: '{ email: "ada@example.com" }',
  UpdateUserInput: '{}',
  '[UpdateUsersItem!]': '[{ id: "user_x", input: {} }]',
  LinkIdentityInput: '{ provider: X_OAUTH, idpId: "1" }',
  CreateWebhookEndpointInput: '{ url: "https://example.com", eventTypes: [USER_UPDATED] }',
  UpdateWebhookEndpointInput: '{}',
  Int: '1',
  EventType: 'USER_UPDATED',
  BulkErrorPolicy: 'CONTINUE',
};

/** An operation for every root field, with the arguments that it needs. */
const operations = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
  Object.values(type?.getFields() ?? {}).map(({ name, args }): [string, string] => {
    const given = args
      .filter((arg) => isNonNullType(arg.type))
      .map((arg) => `${arg.name}: ${examples[String(arg.type).replace(/!$/, '')]}`);
    const call = given.length > 0 ? `${name}(${given.join(', ')})` : name;
    return [name, `${type?.name.toLowerCase()} { ${call} { __typename } }`];
  }),
);
const closed = operations.filter(([name]) => !open.includes(name));

async function codeWith(credentials: string | null, document: string): Promise<string | undefined> {
  const { errors } = await t.graphql(document, {}, credentials);
  return errors?.[0]?.extensions.code;
}

/** Which operation of REST does the same; null where WorkOS has none. */
const overRest: Record<string, string | null> = {
  updateUser: 'updateUser',
  createUser: 'createUser',
  updateUsers: null,
  deleteUser: 'deleteUser',
  setUserManaged: null,
  removePassword: null,
  linkIdentity: null,
  unlinkIdentity: null,
  authenticateWithPassword: 'authenticate',
  refreshSession: 'authenticate',
  requestSignInCode: 'createMagicAuth',
  authenticateWithCode: 'authenticate',
  authenticateWithEmailVerification: 'authenticate',
  sendEmailVerification: 'sendVerificationEmail',
  confirmEmailVerification: 'verifyEmail',
  sendEmailChange: 'sendEmailChange',
  confirmEmailChange: 'confirmEmailChange',
  requestPasswordReset: 'createPasswordReset',
  confirmPasswordReset: 'resetPassword',
  revokeSession: 'revokeSession',
  revokeAllSessions: null,
  createWebhookEndpoint: 'createWebhookEndpoint',
  updateWebhookEndpoint: 'updateWebhookEndpoint',
  deleteWebhookEndpoint: 'deleteWebhookEndpoint',
  rotateWebhookSecret: null,
  retryWebhookDelivery: null,
  replayWebhookEvents: null,
  sendTestEvent: null,
};

describe('the table of root fields', () => {
  const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
  const all = [...Object.values(schema.getQueryType()?.getFields() ?? {}), ...mutations];
  const tried = ['refreshToken', 'code', 'pendingAuthenticationToken', 'token'];
  const isSecret = (name: string) => tried.includes(name) || userAccess[name]?.read === null;
  const hasSecret = (type: GraphQLInputObjectType): boolean =>
    Object.values(type.getFields()).some(({ name, type: of }) => {
      const named = getNamedType(of);
      return isSecret(name) || (isInputObjectType(named) && hasSecret(named));
    });
  const secretOf = (args: readonly GraphQLArgument[]) => {
    if (args.some(({ name }) => isSecret(name))) return 'always';
    const inputs = args.map(({ type }) => getNamedType(type)).filter(isInputObjectType);
    return inputs.some(hasSecret) ? 'in input' : 'never';
  };

  test('has a row for each and no other, and names the one that it lacks', () => {
    expect([...rootFields.keys()].sort()).toEqual(operations.map(([name]) => name).sort());
    const more = buildSchema('type Query { user: Int } type Mutation { renameUser: Int }');
    expect(() => guardRootFields(more)).toThrow(
      'Who may use the root field renameUser? graphql/access.ts does not say.',
    );
  });

  test('says of each that takes a password or a token that it does', () => {
    const told = all.map(({ name }) => [name, rootFields.get(name)?.secret]);
    expect(told).toEqual(all.map(({ name, args }) => [name, secretOf(args)]));
  });

  test('of the mutations: REST has the same, or it is said above that WorkOS has none', () => {
    expect(mutations.map(({ name }) => name).filter((name) => !Object.hasOwn(overRest, name))).toEqual([]);
    const served = Object.values(routes).flatMap((methods) => Object.values(methods).map(({ id }) => id));
    expect(Object.values(overRest).filter((id) => id !== null && !served.includes(id))).toEqual([]);
  });
});

test('every root field is looked at below', () => {
  expect(closed.length).toBeGreaterThanOrEqual(10);
  expect(operations).toHaveLength(closed.length + open.length);
});

describe.each(closed)('%s', (_name, document) => {
  test('takes an API key: neither an access token nor nothing will do, and nothing happens', async () => {
    const before = await dump(t.app);
    expect(await codeWith(alice.accessToken, document)).toBe('FORBIDDEN');
    expect(await codeWith(null, document)).toBe('UNAUTHORIZED');
    expect(await dump(t.app)).toEqual(before);
    expect(['UNAUTHORIZED', 'FORBIDDEN']).not.toContain(await codeWith(t.key, document));
  });
});

describe('with an access token', () => {
  test('what is allowed and what is not are told apart in one operation', async () => {
    const { data, errors } = await t.graphql(
      `mutation { deleteUser(id: "${alice.userId}") { id } revokeSession(id: "session_x") { id } }`,
      {},
      alice.accessToken,
    );
    expect(data).toBeNull();
    expect(errors?.map(({ extensions }) => extensions.code)).toContain('FORBIDDEN');
  });

  test('signing in and refreshing work as without', async () => {
    const { email, refreshToken } = await makeSignedIn(t);
    const signIn = `mutation ($e: EmailAddress!, $p: String!) {
      authenticateWithPassword(email: $e, password: $p) { user { id } }
    }`;
    const refresh = 'mutation ($r: String!) { refreshSession(refreshToken: $r) { user { id } } }';
    expect((await t.graphql(signIn, { e: email, p: password }, alice.accessToken)).errors).toBeUndefined();
    expect((await t.graphql(refresh, { r: refreshToken }, alice.accessToken)).errors).toBeUndefined();
  });
});

describe('without credentials', () => {
  const signIn = 'authenticateWithPassword(email: "nobody@example.com", password: "x") { user { id } }';
  const refresh = 'refreshSession(refreshToken: "x") { accessToken }';

  test.each([
    ['a sign-in', `mutation { ${signIn} }`, 'INVALID_CREDENTIALS'],
    ['a refresh', `mutation { ${refresh} }`, 'INVALID_GRANT'],
    [
      'a sign-in by code',
      'mutation { authenticateWithCode(email: "nobody@example.com", code: "1") { user { id } } }',
      'INVALID_ONE_TIME_CODE',
    ],
    [
      'a sign-in that goes on',
      'mutation { authenticateWithEmailVerification(code: "1", pendingAuthenticationToken: "x") { user { id } } }',
      'INVALID_PENDING_AUTHENTICATION_TOKEN',
    ],
    [
      'a reset',
      'mutation { confirmPasswordReset(token: "x", newPassword: "staple battery horse") { id } }',
      'ENTITY_NOT_FOUND',
    ],
    ['a sign-in under an alias', `mutation { a: ${signIn} }`, 'INVALID_CREDENTIALS'],
  ])('%s is answered', async (_what, document, code) => {
    expect(await codeWith(null, document)).toBe(code);
    expect(await codeWith(null, document)).toBe(code); // now by the fast path
  });

  test.each([
    ['a sign-in beside something else', `mutation { ${signIn} deleteUser(id: "user_x") { id } }`],
    ['a change of address', 'mutation { confirmEmailChange(userId: "user_x", code: "1") { id } }'],
    ['a verification', 'mutation { sendEmailVerification(userId: "user_x") { id } }'],
    ['something else under an alias', 'mutation { authenticateWithPassword: deleteUser(id: "user_x") { id } }'],
    ['something else in a fragment', 'mutation { ...F } fragment F on Mutation { deleteUser(id: "user_x") { id } }'],
    ['a sign-in in a fragment', `mutation { ... on Mutation { ${signIn} } }`],
    ['a revocation', 'mutation { revokeSession(id: "session_x") { id } }'],
    ['a field that only objects have', 'mutation { constructor }'],
    ['another one', 'mutation { __proto__ }'],
    ['a query', '{ __typename }'],
    ['a query by the name of a mutation', '{ refreshSession }'],
    ['introspection', '{ __schema { types { name } } }'],
    ['introspection beside a sign-in', `mutation { ${signIn} __schema { types { name } } }`],
    ['two operations, and no name of one', `mutation A { ${signIn} } mutation B { ${signIn} }`],
    ['a document that does not parse', `mutation { ${signIn}`],
    ['a document that is very long', `mutation { ${refresh.repeat(300)} }`],
    ['a sign-in in a long body', `mutation { ${signIn} }${'\n'.repeat(16_384)}`],
    ['a document that is very deep', `mutation { refreshSession(refreshToken: ${'['.repeat(50_000)}`],
  ])('%s is answered with 401 as ever', async (_what, document) => {
    const { response, errors, data } = await t.graphql(document, {}, null);
    expect([response.status, response.headers.get('www-authenticate'), data]).toEqual([401, 'Bearer', undefined]);
    expect(errors).toEqual([
      { message: 'A valid API key is required: "Authorization: Bearer sk_…".', extensions: { code: 'UNAUTHORIZED' } },
    ]);
  });

  test('of several operations the one that is to run counts', async () => {
    const document = `mutation A { ${refresh} } query B { users { totalCount } }`;
    const run = async (operationName: string) => {
      const body = JSON.stringify({ query: document, operationName });
      const headers = { 'content-type': 'application/json' };
      return (await t.fetch('/graphql', { method: 'POST', headers, body })).status;
    };
    expect([await run('A'), await run('B'), await run('C')]).toEqual([200, 401, 401]);
  });

  test.each(['application/x-www-form-urlencoded', 'application/graphql', 'text/plain'])(
    'a body that another reader would read otherwise (%s) reaches nothing else',
    async (type) => {
      const document = '{ users { totalCount } }';
      const bodies = [
        new URLSearchParams({ query: document }).toString(),
        document,
        JSON.stringify({ query: `mutation { ${refresh} }`, operationName: null }),
      ];
      for (const body of bodies) {
        const init = { method: 'POST', headers: { 'content-type': type }, body };
        const response = await t.fetch(`/graphql?query=${encodeURIComponent(document)}`, init);
        expect(await response.text()).toMatch(/^{"errors":\[/); // and no data
      }
    },
  );

  test('a sign-in by GET is refused', async () => {
    const response = await t.fetch(`/graphql?query=${encodeURIComponent(`mutation { ${signIn} }`)}`);
    expect(response.status).toBe(401);
  });

  test('wrong passwords count against the address of the caller', async () => {
    const limited = await createTestApp({ SIGN_IN_FAILURES_PER_CALLER: '2' });
    const codes = [];
    for (let i = 0; i < 5; i += 1) {
      const document = `mutation { authenticateWithPassword(email: "n${i}@example.com", password: "x") { user { id } } }`;
      const { errors } = await limited.graphql(document, {}, null);
      codes.push(errors?.[0]?.extensions.code);
    }
    expect(codes).toContain('RATE_LIMITED');
    const other = await limited.graphql(`mutation { ${signIn} }`);
    expect(other.errors?.[0]?.extensions.code).toBe('INVALID_CREDENTIALS');
    await limited.close();
  });
});
