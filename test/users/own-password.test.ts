import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { updateUser } from '../../src/users/update.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { makeSignedIn, password, type SignedIn, signIn } from '../support/sessions.ts';
import { dump, makeUser, newAddress } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp();
});
afterAll(() => t.close());

const update = 'mutation ($id: ID!, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { id version } }';
const newPassword = 'walnut trumpet glacier mitten';

async function set(id: string, input: object, credentials: string) {
  const { data, errors } = await t.graphql(update, { id, input }, credentials);
  return errors?.[0]?.extensions ?? data;
}
const isAlive = async ({ accessToken }: SignedIn) =>
  (await t.graphql('{ viewer { id } }', {}, accessToken)).errors === undefined;

describe('a signed-in user changes their password', () => {
  test('with the right current one; the other sessions end, the one that asked goes on', async () => {
    const asking = await makeSignedIn(t);
    const others = [await signIn(t, asking.email), await signIn(t, asking.email)];
    const input = { password: newPassword, currentPassword: password };
    expect(await set(asking.userId, input, asking.accessToken)).toMatchObject({ updateUser: { id: asking.userId } });
    expect(await Promise.all([asking, ...others].map(isAlive))).toEqual([true, false, false]);
    for (const { refreshToken } of others) {
      const document = `mutation { refreshSession(refreshToken: "${refreshToken}") { accessToken } }`;
      expect((await t.graphql(document, {}, null)).errors?.[0]?.extensions.code).toBe('INVALID_GRANT');
    }
    await expect(signIn(t, asking.email)).rejects.toThrow('INVALID_CREDENTIALS');
  });

  test.each([
    ['without the current one', {}, { code: 'INVALID_REQUEST_PARAMETERS', field: 'currentPassword' }],
    ['with a wrong one', { currentPassword: 'a guess' }, { code: 'INVALID_CREDENTIALS', field: 'currentPassword' }],
    ['with null', { currentPassword: null }, { code: 'INVALID_REQUEST_PARAMETERS' }],
  ])('%s: refused, nothing changes, every session goes on', async (_how, current, refusal) => {
    const asking = await makeSignedIn(t);
    const second = await signIn(t, asking.email);
    const before = await dump(t.app);
    const input = { password: newPassword, firstName: 'X', ...current };
    expect(await set(asking.userId, input, asking.accessToken)).toMatchObject(refusal);
    expect(await dump(t.app)).toEqual(before);
    expect([await isAlive(asking), await isAlive(second)]).toEqual([true, true]);
  });

  test('one that is weak is refused at its field, beside a missing current one', async () => {
    const { userId, accessToken } = await makeSignedIn(t);
    expect(await set(userId, { password: 'short', currentPassword: password }, accessToken)).toMatchObject({
      code: 'PASSWORD_STRENGTH_ERROR',
      field: 'password',
    });
    const { issues } = (await set(userId, { password: 'short' }, accessToken)) as { issues: { field: string }[] };
    expect(issues.map(({ field }) => field)).toEqual(expect.arrayContaining(['password', 'currentPassword']));
  });

  test('by guessing: wrong ones count like those of sign-ins, against the session, so that nobody is kept from signing in', async () => {
    const { userId, email, accessToken } = await makeSignedIn(t);
    const codes = [];
    for (let i = 0; i < 13; i += 1) {
      const answer = await set(userId, { password: newPassword, currentPassword: `guess ${i}` }, accessToken);
      codes.push((answer as { code: string }).code);
    }
    expect(codes.slice(0, 10)).toEqual(Array(10).fill('INVALID_CREDENTIALS'));
    expect(codes.at(-1)).toBe('RATE_LIMITED');
    const again = await signIn(t, email);
    const input = { password: newPassword, currentPassword: password };
    expect(await set(userId, input, accessToken)).toMatchObject({ code: 'RATE_LIMITED' });
    expect(await set(userId, input, again.accessToken)).toHaveProperty('updateUser');
  });

  test('new ones that are refused for their form or strength are no wrong ones', async () => {
    const { userId, email, accessToken } = await makeSignedIn(t);
    for (const weak of [...Array(12).fill('password1234'), 'short', 'x'.repeat(300)]) {
      const answer = await set(userId, { password: weak, currentPassword: 'a guess' }, accessToken);
      expect(answer).toMatchObject({ code: 'PASSWORD_STRENGTH_ERROR' });
    }
    await expect(signIn(t, email)).resolves.toBeDefined();
    expect(await set(userId, { password: newPassword, currentPassword: password }, accessToken)).toHaveProperty(
      'updateUser',
    );
  });

  test('new ones are limited by themselves, and beyond the limit none is judged any more', async () => {
    const { userId, sessionId } = await makeSignedIn(t);
    let judged = 0;
    const findStrengthIssues: typeof t.app.passwords.findStrengthIssues = (...args) => {
      judged += 1;
      return t.app.passwords.findStrengthIssues(...args);
    };
    const app = { ...t.app, passwords: { ...t.app.passwords, findStrengthIssues } };
    const principal = { kind: 'user', userId, sessionId, network: 'network' } as const;
    const attempts = Array.from({ length: 30 }, () =>
      updateUser(app, principal, userId, { password: 'password1234', currentPassword: 'x', locale: '?' }),
    );
    const results = await Promise.allSettled(attempts);
    const codes = results.map((result) => result.status === 'rejected' && result.reason.code);
    expect(new Set(codes)).toEqual(new Set(['invalid_request_parameters', 'rate_limited']));
    expect(judged).toBe(20);
  });

  const preview =
    'query ($id: ID!, $input: UpdateUserInput!) { previewUpdateUser(id: $id, input: $input) { version } }';
  test.each([
    ['updates', update],
    ['previews', preview],
  ])('new ones count by the session, so that a stolen one keeps its owner from nothing: %s', async (_by, document) => {
    const stolen = await makeSignedIn(t);
    const own = await signIn(t, stolen.email);
    const codes = [];
    for (let i = 0; i < 21; i += 1) {
      const input = { password: 'x', currentPassword: 'a guess' };
      const { errors } = await t.graphql(document, { id: stolen.userId, input }, stolen.accessToken);
      codes.push(errors?.[0]?.extensions.code);
    }
    expect(codes.indexOf('RATE_LIMITED')).toBe(20);
    const input = { password: newPassword, currentPassword: password };
    expect(await set(own.userId, input, own.accessToken)).toHaveProperty('updateUser');
  });

  test('twice at once: the current one is right for one of them only', async () => {
    const { userId, accessToken } = await makeSignedIn(t);
    const answers = await Promise.all(
      ['first', 'second'].map((word) =>
        set(userId, { password: `${word} trumpet glacier mitten`, currentPassword: password }, accessToken),
      ),
    );
    expect(answers.filter((answer) => 'updateUser' in (answer as object))).toHaveLength(1);
    expect(answers).toContainEqual(expect.objectContaining({ code: 'INVALID_CREDENTIALS' }));
  });

  test('a backend may leave the current one out, or have it checked', async () => {
    const { id } = await makeUser(t.app, { password });
    expect(await set(id, { password: newPassword, currentPassword: 'a guess' }, t.key)).toMatchObject({
      code: 'INVALID_CREDENTIALS',
    });
    expect(await set(id, { password: newPassword, currentPassword: password }, t.key)).toHaveProperty('updateUser');
    expect(await set(id, { password }, t.key)).toHaveProperty('updateUser');
  });
});

describe('a change by a backend', () => {
  const hash = `{SSHA}${Buffer.from('a digest of twenty bytes and salt').toString('base64')}`;
  const changes: [string, () => object, boolean][] = [
    ['a password', () => ({ password: newPassword }), false],
    ['an imported hash', () => ({ passwordHash: hash, passwordHashType: 'SSHA' }), false],
    ['an email', () => ({ email: newAddress() }), false],
    ['a name', () => ({ firstName: 'X' }), true],
    ['nothing', () => ({}), true],
  ];

  test.each(changes)('%s: whether the sessions go on', async (_what, input, goesOn) => {
    const [one, bystander] = [await makeSignedIn(t), await makeSignedIn(t)];
    const two = await signIn(t, one.email);
    await set(one.userId, input(), t.key);
    expect(await Promise.all([one, two, bystander].map(isAlive))).toEqual([goesOn, goesOn, true]);
  });

  test('the address in another case ends none', async () => {
    const one = await makeSignedIn(t);
    await set(one.userId, { email: one.email.toUpperCase() }, t.key);
    expect(await isAlive(one)).toBe(true);
  });

  test('a refused one ends none', async () => {
    const [one, other] = [await makeSignedIn(t), await makeSignedIn(t)];
    expect(await set(one.userId, { password: newPassword, email: other.email }, t.key)).toMatchObject({
      code: 'EMAIL_NOT_AVAILABLE',
    });
    expect(await isAlive(one)).toBe(true);
  });
});

test('each effect has a switch', async () => {
  const lax = await createTestApp({ PASSWORD_CHANGE_ENDS_SESSIONS: 'false', EMAIL_CHANGE_ENDS_SESSIONS: 'false' });
  const one = await makeSignedIn(lax);
  await lax.graphql(update, { id: one.userId, input: { password: newPassword, email: newAddress() } });
  expect((await lax.graphql('{ viewer { id } }', {}, one.accessToken)).data).toEqual({ viewer: { id: one.userId } });
  await lax.close();
});
