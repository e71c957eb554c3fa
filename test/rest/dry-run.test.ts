import { expect, test } from 'vitest';
import { arrange, plainSituation, rowsOf } from '../support/preview.ts';
import { request, useRestServer } from '../support/rest.ts';
import { linkAddresses, makeUser, newAddress } from '../support/users.ts';

const t = useRestServer({ RUN_JOBS: 'false' }); // nothing happens beside the requests

const put = (id: string, query: string, body: object, headers = {}) =>
  request(t, 'PUT', `/user_management/users/${id}${query}`, { body: JSON.stringify(body), headers });

test('with dry_run=true an update answers what it would do, and does not do it', async () => {
  const { app } = t.server;
  const user = await makeUser(app, { emailVerified: true });
  await linkAddresses(app, user.id, [user.email]);
  const before = await rowsOf(app, user.id);
  const email = newAddress();
  const { status, body } = await put(user.id, '?dry_run=true', { email, metadata: { plan: 'team' } });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    object: 'user_update_preview',
    user_id: user.id,
    version: before.user.version,
    problems: [],
    would_change: [
      { field: 'email', before: user.email, after: email },
      { field: 'email_verified', before: true, after: false },
      { field: 'metadata', before: {}, after: { plan: 'team' } },
    ],
    unlinked_identities: [{ idp_id: `${user.id}-0`, type: 'OAuth' }],
    ended_sessions: { count: 0, sessions: [] },
    cancelled_email_change: null,
    events: ['user.updated', 'user.email_changed', 'identity.unlinked'],
  });
  expect(await rowsOf(app, user.id)).toEqual(before);
});

test('a dry run tells of the pending change of the address that comes to nothing', async () => {
  const { app } = t.server;
  const user = await arrange(app, { ...plainSituation, codes: ['email_change'] });
  const { email, expiresAt, createdAt } = (await rowsOf(app, user.id)).codes[0] ?? {};
  expect((await put(user.id, '?dry_run=true', { email: newAddress() })).body).toMatchObject({
    cancelled_email_change: {
      new_email: email,
      expires_at: expiresAt?.toISOString(),
      created_at: createdAt?.toISOString(),
    },
    invalidated_codes: [{ purpose: 'email_change', count: 1 }],
  });
});

test('a dry run names its problems as REST does, with status 200; an unknown user has 404', async () => {
  const { app } = t.server;
  const user = await makeUser(app);
  const input = { first_name: 'x'.repeat(300), locale: '_' };
  const { status, body } = await put(user.id, '?dry_run=true', input, { 'if-match': '"99"' });
  expect(status).toBe(200);
  expect(body.problems.map(({ code, field }: { code: string; field?: string }) => [field, code])).toEqual([
    ['first_name', 'first_name_too_long'],
    ['locale', 'invalid_locale'],
    [undefined, 'version_mismatch'],
  ]);
  expect((await put('user_01E4ZCR3C56J083X43JQXF3JK5', '?dry_run=true', {})).status).toBe(404);
});

test('dry_run=false is an update like any other, and any other value is refused before anything is done', async () => {
  const { app } = t.server;
  const user = await makeUser(app);
  expect(await put(user.id, '?dry_run=yes', { first_name: 'Ada' })).toMatchObject({ status: 422 });
  expect((await rowsOf(app, user.id)).user.firstName).toBeNull();
  expect(await put(user.id, '?dry_run=false', { first_name: 'Ada' })).toMatchObject({ status: 200 });
  expect((await rowsOf(app, user.id)).user.firstName).toBe('Ada');
});
