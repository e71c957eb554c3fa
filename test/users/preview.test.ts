import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DomainError } from '../../src/errors.ts';
import { previewUpdateUser } from '../../src/users/preview-update.ts';
import { updateUser } from '../../src/users/update.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { arrange, inputOf, isChange, plainSituation, rowsOf, situation, wanted } from '../support/preview.ts';
import { makeSignedIn } from '../support/sessions.ts';
import { linkAddresses, makeUser, newAddress } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp({ MAIL: 'off' });
});
afterAll(() => t.close());

type Rows = Awaited<ReturnType<typeof rowsOf>>;

const isLive = ({ usedAt, endedAt }: Rows['codes'][number]) => usedAt === null && endedAt === null;

/** What an update has done, in the words of the preview. */
function differenceOf(before: Rows, after: Rows) {
  const fields = [
    'email',
    'emailVerified',
    'firstName',
    'lastName',
    'name',
    'externalId',
    'locale',
    'metadata',
  ] as const;
  const changed = fields.filter((field) => JSON.stringify(before.user[field]) !== JSON.stringify(after.user[field]));
  const dead = before.codes.filter((code, i) => isLive(code) && !isLive(after.codes[i] as typeof code));
  const change = dead.findLast(({ purpose }) => isChange(purpose));
  const purposes = [...new Set(dead.map(({ purpose }) => purpose))].sort();
  const known = new Set(before.events.map(({ id }) => id));
  return {
    wouldChange: [
      ...changed.map((field) => ({ field, before: before.user[field], after: after.user[field] })),
      ...(before.user.password?.hash === after.user.password?.hash
        ? []
        : [{ field: 'password', before: null, after: null }]),
    ],
    unlinked: before.identities.filter(({ id }) => !after.identities.some((left) => left.id === id)),
    ended: before.sessions.filter(({ endedAt }, i) => !endedAt && after.sessions[i]?.endedAt).length,
    codes: purposes.map((purpose) => ({ purpose, count: dead.filter((code) => code.purpose === purpose).length })),
    change: change?.email ?? null,
    events: [...new Set(after.events.filter(({ id }) => !known.has(id)).map(({ type }) => type))].sort(),
    methods: [...(after.user.password ? ['password'] : []), ...(after.identities.length > 0 ? ['identity'] : [])],
  };
}

/** Why an update is refused, each reason once; none where it is made. */
async function refusalsOf(work: () => Promise<unknown>): Promise<string[]> {
  try {
    await work();
    return [];
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return (error.details.issues ?? [{ code: error.code, field: error.details.field }]).map(
      ({ field, code }) => `${field} ${code}`,
    );
  }
}

test('a preview writes nothing and says what the update then does, or every reason why it is refused', async () => {
  const taken = await makeUser(t.app, { externalId: 'taken' });
  await fc.assert(
    fc.asyncProperty(situation, wanted, fc.boolean(), async (given, asked, isStale) => {
      const user = await arrange(t.app, given);
      const input = inputOf(asked, user.email, taken);
      const expectation = isStale ? { expectedVersion: user.version + 1 } : {};
      const before = await rowsOf(t.app, user.id);
      const preview = await previewUpdateUser(t.app, 'roster', user.id, input, expectation);
      expect(await rowsOf(t.app, user.id)).toEqual(before);

      const told = preview.problems.map(({ field, code }) => `${field} ${code}`);
      const refusals = await refusalsOf(() => updateUser(t.app, 'roster', user.id, input, expectation));
      expect(told.length > 0).toBe(refusals.length > 0);
      expect(told).toEqual(expect.arrayContaining(refusals));
      const done = differenceOf(before, await rowsOf(t.app, user.id));
      expect({
        wouldChange: preview.wouldChange,
        unlinked: preview.unlinkedIdentities,
        ended: preview.endedSessions.count,
        codes: preview.invalidatedCodes,
        change: preview.cancelledEmailChange?.newEmail ?? null,
        events: [...preview.events].sort(),
        methods: preview.signInMethodsAfter,
      }).toEqual(done);
      expect(preview.user.version).toBe(user.version);
      expect(preview.endedSessions.sessions.length).toBe(Math.min(20, preview.endedSessions.count));
    }),
    { numRuns: 60 },
  );
});

const Preview = /* GraphQL */ `
  query ($id: ID!, $input: UpdateUserInput!, $expectedVersion: Int) {
    previewUpdateUser(id: $id, input: $input, expectedVersion: $expectedVersion) {
      version
      problems { field code message isLookUp }
      wouldChange { field before after }
      unlinkedIdentities { idpId email }
      endedSessions { count sessions { id } }
      invalidatedCodes { purpose count }
      cancelledEmailChange { newEmail }
      events
      signInMethodsAfter
      warnings
    }
  }
`;

interface Answer {
  previewUpdateUser: Record<string, unknown>;
}

test('GraphQL: another address, with all that hangs on the one so far', async () => {
  const user = await makeUser(t.app, { emailVerified: true, metadata: { plan: 'team' } });
  await linkAddresses(t.app, user.id, [user.email]);
  const email = newAddress();
  const { data, errors } = await t.graphql<Answer, object>(Preview, { id: user.id, input: { email, metadata: null } });
  expect(errors).toBeUndefined();
  expect(data?.previewUpdateUser).toEqual({
    version: user.version + 1, // by the link
    problems: [],
    wouldChange: [
      { field: 'email', before: user.email, after: email },
      { field: 'emailVerified', before: true, after: false },
      { field: 'metadata', before: { plan: 'team' }, after: {} },
    ],
    unlinkedIdentities: [{ idpId: `${user.id}-0`, email: user.email }],
    endedSessions: { count: 0, sessions: [] },
    invalidatedCodes: [],
    cancelledEmailChange: null,
    events: ['USER_UPDATED', 'USER_EMAIL_CHANGED', 'IDENTITY_UNLINKED'],
    signInMethodsAfter: [],
    warnings: ['NO_WAY_TO_SIGN_IN', 'METADATA_CLEARED', 'EMAIL_BECOMES_UNVERIFIED'],
  });
});

test('GraphQL: a pending change of the address that comes to nothing by another one', async () => {
  const user = await arrange(t.app, { ...plainSituation, codes: ['email_change'] });
  const { email: newEmail } = await t.app.db.reader.oneTimeCode.findFirstOrThrow({ where: { userId: user.id } });
  const ask = async (input: object) => (await t.graphql<Answer, object>(Preview, { id: user.id, input })).data;
  expect(await ask({ email: newAddress() })).toMatchObject({
    previewUpdateUser: {
      cancelledEmailChange: { newEmail },
      invalidatedCodes: [{ purpose: 'email_change', count: 1 }],
    },
  });
  const untouched = { previewUpdateUser: { cancelledEmailChange: null, invalidatedCodes: [] } };
  expect(await ask({ firstName: 'Ada' })).toMatchObject(untouched);
});

test('GraphQL: every problem at once, a stale version and a taken value among them', async () => {
  const [user, other] = [
    await makeUser(t.app, { emailVerified: true }),
    await makeUser(t.app, { externalId: 'theirs' }),
  ];
  const input = { email: other.email, externalId: 'theirs', firstName: 'x'.repeat(300), password: 'weak' };
  const { data } = await t.graphql<Answer, object>(Preview, { id: user.id, input, expectedVersion: 7 });
  const problems = data?.previewUpdateUser.problems as { field: string; code: string; isLookUp: boolean }[];
  expect(problems.map(({ field, code, isLookUp }) => `${field} ${code}${isLookUp ? ' looked up' : ''}`)).toEqual([
    'firstName INVALID_REQUEST_PARAMETERS',
    'password PASSWORD_TOO_SHORT',
    'password PASSWORD_TOO_WEAK',
    'null VERSION_MISMATCH',
    'email EMAIL_NOT_AVAILABLE looked up',
    'externalId EXTERNAL_ID_ALREADY_USED looked up',
  ]);
  expect(data?.previewUpdateUser).toMatchObject({ wouldChange: [], events: [], invalidatedCodes: [] });
});

test('GraphQL: whoever may not update may not ask, and nobody hears of somebody else', async () => {
  const [own, other] = [await makeSignedIn(t), await makeUser(t.app)];
  const ask = async (id: string, input: object, credentials?: string | null) => {
    const { errors, data } = await t.graphql<Answer, object>(Preview, { id, input }, credentials);
    return errors?.[0]?.extensions.code ?? data?.previewUpdateUser.wouldChange;
  };
  const name = { firstName: 'Ada' };
  expect(await ask(own.userId, name, own.accessToken)).toEqual([{ field: 'firstName', before: null, after: 'Ada' }]);
  expect(await ask(own.userId, { email: newAddress() }, own.accessToken)).toBe('FORBIDDEN');
  expect(await ask(other.id, name, own.accessToken)).toBe('ENTITY_NOT_FOUND');
  expect(await ask('user_01E4ZCR3C56J083X43JQXF3JK5', name)).toBe('ENTITY_NOT_FOUND');
  expect(await ask(other.id, name, null)).toBe('UNAUTHORIZED');
  for (const scopes of [['users:read'], ['users:write']] as const) {
    const { key } = await t.app.apiKeys.create('some', scopes);
    expect(await ask(other.id, name, key)).toBe('FORBIDDEN');
  }
});

test('GraphQL: a new password of their own needs the current one, which no preview compares', async () => {
  const { userId, accessToken } = await makeSignedIn(t);
  const ask = async (input: object) =>
    (await t.graphql<Answer, object>(Preview, { id: userId, input }, accessToken)).data?.previewUpdateUser;
  const fresh = { password: 'correct orchid battery sundial' };
  expect(await ask(fresh)).toMatchObject({ problems: [{ field: 'currentPassword' }] });
  expect(await ask({ ...fresh, currentPassword: 'wrong' })).toMatchObject({
    problems: [],
    wouldChange: [{ field: 'password', before: null, after: null }],
    warnings: ['CURRENT_PASSWORD_NOT_CHECKED'],
  });
});

test('GraphQL: a preview is not asked for in an address, where a password of its input would be logged', async () => {
  const { id } = await makeUser(t.app);
  const query = '{ previewUpdateUser(id: "ID", input: { password: "purple tractor ankle monsoon" }) { version } }';
  const search = new URLSearchParams({ query: query.replace('ID', id) });
  const response = await t.fetch(`/graphql?${search}`, { headers: { authorization: `Bearer ${t.key}` } });
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
});
