import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { rootFields } from '../../src/graphql/access.ts';
import { schema } from '../../src/graphql/schema/schema.ts';
import type { Actor, ApiKeyPrincipal } from '../../src/principal/principal.ts';
import { allScopes } from '../../src/principal/scopes.ts';
import { revokeAllSessions, revokeSession } from '../../src/sessions/revoke.ts';
import { confirmEmailChange } from '../../src/users/confirm-email-change.ts';
import { createUser } from '../../src/users/create.ts';
import { deleteUser } from '../../src/users/delete.ts';
import { sendEmailChange } from '../../src/users/email-change.ts';
import { confirmEmailVerification, sendEmailVerification } from '../../src/users/email-verification.ts';
import { linkIdentity, unlinkIdentity } from '../../src/users/identities.ts';
import { setUserManaged } from '../../src/users/managed.ts';
import { removePassword } from '../../src/users/remove-password.ts';
import { updateUser } from '../../src/users/update.ts';
import { updateUsers } from '../../src/users/update-many.ts';
import {
  createWebhookEndpoint,
  deleteWebhookEndpoint,
  rotateWebhookSecret,
  updateWebhookEndpoint,
} from '../../src/webhooks/endpoints.ts';
import { replayWebhookEvents } from '../../src/webhooks/replay.ts';
import { retryWebhookDelivery } from '../../src/webhooks/retry.ts';
import { sendTestEvent } from '../../src/webhooks/test-event.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { readEvents } from '../support/events.ts';
import { makeSignedIn, password, type SignedIn } from '../support/sessions.ts';
import { dump, linkAddresses, makeUser, newAddress } from '../support/users.ts';
import { deliveriesTo, makeEndpoint } from '../support/webhooks.ts';

let t: TestApp;
let alice: SignedIn;
let identityId: string;
let unverifiedId: string;
let endpointId: string;
let deliveryId: string;
let eventId: string;
beforeAll(async () => {
  t = await createTestApp();
  alice = await makeSignedIn(t);
  const [identity] = await linkAddresses(t.app, alice.userId, [alice.email]);
  identityId = identity?.id as string;
  ({ id: unverifiedId } = await makeUser(t.app));
  ({ id: endpointId } = await makeEndpoint(t.app, 'https://example.com'));
  await makeUser(t.app);
  eventId = (await readEvents(t.app)).at(-1)?.id as string;
  deliveryId = (await deliveriesTo(t.app, endpointId))[0]?.id as string;
});
afterAll(() => t.close());

/** Every writer, with somebody to write to. */
const writers: Record<string, (actor: Actor) => Promise<unknown>> = {
  updateUser: (actor) => updateUser(t.app, actor, alice.userId, { email: newAddress() }),
  updateUsers: async (actor) => {
    const items = [{ id: alice.userId, input: { email: newAddress() } }];
    return updateUsers(t.app, actor, items, { onError: 'continue' });
  },
  createUser: (actor) => createUser(t.app, actor, { email: newAddress() }),
  deleteUser: (actor) => deleteUser(t.app, actor, alice.userId),
  setUserManaged: (actor) => setUserManaged(t.app, actor, alice.userId, true),
  removePassword: (actor) => removePassword(t.app, actor, alice.userId),
  linkIdentity: (actor) => linkIdentity(t.app, actor, alice.userId, { provider: 'XOAuth', idpId: 'actor' }),
  unlinkIdentity: (actor) => unlinkIdentity(t.app, actor, identityId),
  sendEmailVerification: (actor) => sendEmailVerification(t.app, actor, unverifiedId),
  confirmEmailVerification: (actor) => confirmEmailVerification(t.app, actor, unverifiedId, '123456'),
  sendEmailChange: (actor) =>
    sendEmailChange(t.app, actor, alice.userId, { newEmail: newAddress(), currentPassword: password }),
  confirmEmailChange: (actor) => confirmEmailChange(t.app, actor, alice.userId, '123456'),
  revokeSession: (actor) => revokeSession(t.app, actor, alice.sessionId),
  revokeAllSessions: (actor) => revokeAllSessions(t.app, actor, alice.userId),
  createWebhookEndpoint: (actor) =>
    createWebhookEndpoint(t.app, actor, { url: 'https://new.example', eventTypes: ['user.updated'] }),
  updateWebhookEndpoint: (actor) => updateWebhookEndpoint(t.app, actor, endpointId, { status: 'disabled' }),
  deleteWebhookEndpoint: (actor) => deleteWebhookEndpoint(t.app, actor, endpointId),
  rotateWebhookSecret: (actor) => rotateWebhookSecret(t.app, actor, endpointId, 24),
  retryWebhookDelivery: (actor) => retryWebhookDelivery(t.app, actor, deliveryId),
  replayWebhookEvents: (actor) => replayWebhookEvents(t.app, actor, endpointId, eventId),
  sendTestEvent: (actor) => sendTestEvent(t.app, actor, endpointId, 'user.created'),
};

test('every mutation that writes for somebody who is known has its writer here', () => {
  const known = [...rootFields].filter(
    ([name, { also }]) => schema.getMutationType()?.getFields()[name] && !also.includes('anonymous'),
  );
  expect(known.map(([name]) => name).sort()).toEqual(Object.keys(writers).sort());
});

const byId = { orderBy: { id: 'asc' } } as const;
const everything = async () => [
  await dump(t.app),
  await t.app.db.reader.session.findMany(byId),
  await t.app.db.reader.oneTimeCode.findMany(byId),
  await t.app.db.reader.webhookEndpoint.findMany(byId),
  await t.app.db.reader.webhookDelivery.findMany(byId),
];
const key = (scopes: ApiKeyPrincipal['scopes']): Actor => ({ kind: 'api-key', id: 'key_x', name: 'x', scopes });

describe.each(Object.entries(writers))('%s', (name, write) => {
  const needed = name.startsWith('revoke')
    ? 'sessions:write'
    : name === 'removePassword'
      ? 'users:credentials'
      : name.includes('Webhook') || name === 'sendTestEvent'
        ? 'webhooks:write'
        : 'users:write';
  test.each<[string, Actor]>([
    ['nobody, where the compiler was overruled', undefined as unknown as Actor],
    ['somebody without credentials', { kind: 'anonymous', id: 'x' }],
    ['another user', { kind: 'user', userId: 'user_01E4ZCR3C56J083X43JQXF3JK5', sessionId: null, network: 'x' }],
    ['a key without a scope', key([])],
    ['a key with every other scope', key(allScopes.filter((scope) => scope !== needed))],
  ])('refuses %s by itself, and nothing happens', async (_who, actor) => {
    const before = await everything();
    await expect(write(actor)).rejects.toThrow();
    expect(await everything()).toEqual(before);
  });
});

test('who acts is never optional: a call without an actor does not compile', () => {
  expectTypeOf<Parameters<typeof updateUser>[1]>().toEqualTypeOf<Actor>();
  expectTypeOf<Parameters<typeof createUser>[1]>().toEqualTypeOf<Actor>();
  expectTypeOf<Parameters<typeof deleteUser>[1]>().toEqualTypeOf<Actor>();
  expectTypeOf<Parameters<typeof setUserManaged>[1]>().toEqualTypeOf<Actor>();
  expectTypeOf<Parameters<typeof removePassword>[1]>().toEqualTypeOf<Actor>();
  expectTypeOf<Parameters<typeof linkIdentity>[1]>().toEqualTypeOf<Actor>();
  expectTypeOf<Parameters<typeof unlinkIdentity>[1]>().toEqualTypeOf<Actor>();
  expectTypeOf<Parameters<typeof sendEmailVerification>[1]>().toEqualTypeOf<Actor>();
  expectTypeOf<Parameters<typeof confirmEmailVerification>[1]>().toEqualTypeOf<Actor>();
  expectTypeOf<Parameters<typeof sendEmailChange>[1]>().toEqualTypeOf<Actor>();
  expectTypeOf<Parameters<typeof confirmEmailChange>[1]>().toEqualTypeOf<Actor>();
  expectTypeOf<Parameters<typeof revokeSession>[1]>().toEqualTypeOf<Actor>();
  expectTypeOf<Parameters<typeof revokeAllSessions>[1]>().toEqualTypeOf<Actor>();
  const neverCalled = async (app: App, id: string) => {
    // @ts-expect-error: without an actor
    await updateUser(app, id, {});
    // @ts-expect-error: without an actor
    await createUser(app, { email: newAddress() });
    // @ts-expect-error: without an actor
    await deleteUser(app, id);
    // @ts-expect-error: nobody is no actor
    await updateUser(app, undefined, id, {});
  };
  expect(neverCalled).toBeTypeOf('function');
});
