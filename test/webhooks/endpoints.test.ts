import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allEventTypes } from '../../src/events/event-types.ts';
import type { ApiKeyPrincipal } from '../../src/principal/principal.ts';
import {
  createWebhookEndpoint,
  deleteWebhookEndpoint,
  rotateWebhookSecret,
  updateWebhookEndpoint,
} from '../../src/webhooks/endpoints.ts';
import { openWebhookSecrets } from '../../src/webhooks/secrets.ts';
import { createTestApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp({ WEBHOOK_ALLOWED_HOSTS: 'hooks.internal' });
});
afterAll(() => t.close());

// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
type Answer = Record<string, any>;

let urls = 0;
const newUrl = () => `https://receiver.example/${urls++}`;
const types = ['user.created', 'user.updated'];
const whsec = /^whsec_[A-Za-z0-9+/]{32}$/;
const unknown = 'we_01E4ZCR3C56J083X43JQXF3JK5';

const make = (fields: object = {}) =>
  createWebhookEndpoint(t.app, 'roster', { url: newUrl(), eventTypes: types, ...fields });

const stored = (id: string) => t.app.db.reader.webhookEndpoint.findUniqueOrThrow({ where: { id } });
const secretsOf = async (id: string, now = new Date()) => openWebhookSecrets(t.app.secrets, await stored(id), now);

/** The code that a call is refused with, and the field that is to blame. */
const refusalOf = (call: Promise<unknown>) =>
  call.then(
    () => 'not refused',
    (error) => [error.code, error.details?.field].filter(Boolean).join(' '),
  );

async function graphql(document: string, variables: object = {}, key?: string) {
  const { data, errors } = await t.graphql<Answer, object>(document, variables, key);
  return { data: data as Answer, code: errors?.[0]?.extensions.code, field: errors?.[0]?.extensions.field };
}

async function rest(method: string, path: string, json?: object, key = t.key) {
  const init = json && { body: JSON.stringify(json) };
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const response = await t.fetch(`/webhook_endpoints${path}`, { method, headers, ...init });
  return { status: response.status, body: (await response.json().catch(() => undefined)) as Answer };
}

describe('the URL of an endpoint', () => {
  test.each([
    'https://example.com/hook',
    'https://example.com:8443/hook?tenant=1',
    'https://127.0.0.1/hook', // where it leads is found out with each delivery
    'http://hooks.internal:80/hook',
  ])('is accepted: %s', async (url) => {
    const { endpoint } = await make({ url });
    expect(endpoint.url).toBe(new URL(url).href);
    await deleteWebhookEndpoint(t.app, 'roster', endpoint.id);
  });

  test.each([
    'nonsense',
    '',
    'http://example.com/hook',
    'ftp://example.com/hook',
    'https://user:secret@example.com/hook',
    'https://example.com/hook#part',
    'https://example.com/hook#',
    'https://example.com:22/hook',
    'https://',
    `https://example.com/${'x'.repeat(2048)}`,
    `https://example.com/${'ü'.repeat(1000)}`,
  ])('is refused, as the one with number %#', async (url) => {
    expect(await refusalOf(make({ url }))).toBe('invalid_url url');
    const { endpoint } = await make();
    expect(await refusalOf(updateWebhookEndpoint(t.app, 'roster', endpoint.id, { url }))).toBe('invalid_url url');
    expect((await stored(endpoint.id)).url).toBe(endpoint.url);
  });

  test('is the URL of one endpoint only, however it is written', async () => {
    const { endpoint } = await make({ url: 'https://same.example' });
    expect(await refusalOf(make({ url: 'HTTPS://SAME.example:443/' }))).toBe('duplicate_endpoint url');
    const { endpoint: other } = await make();
    const move = updateWebhookEndpoint(t.app, 'roster', other.id, { url: 'https://same.example/' });
    expect(await refusalOf(move)).toBe('duplicate_endpoint url');
    await deleteWebhookEndpoint(t.app, 'roster', endpoint.id);
    expect(await refusalOf(make({ url: 'https://same.example' }))).toBe('not refused');
  });
});

test('an endpoint may ask for every type of event, and for those of WorkOS that are never sent', async () => {
  const eventTypes = [...allEventTypes, 'organization.created', 'authentication.mfa_failed'];
  const { endpoint } = await make({ eventTypes: [...eventTypes, 'user.created'] });
  expect(endpoint.eventTypes.split(' ')).toEqual(eventTypes);
});

test.each([[[]], [['user.nonsense']], ['user.created'], [[7]], [['user.created user.updated']]])(
  'an endpoint cannot ask for %j',
  async (eventTypes) => {
    expect(await refusalOf(make({ eventTypes }))).toBe('invalid_request_parameters eventTypes');
  },
);

test('of many that are made at once, no more than a hundred are kept in all', async () => {
  const { db } = t.app;
  const made = [];
  while ((await db.reader.webhookEndpoint.count()) < 100) made.push((await make()).endpoint.id);
  expect(await refusalOf(make())).toBe('webhook_endpoint_limit_exceeded');
  for (const id of made) await deleteWebhookEndpoint(t.app, 'roster', id);
  expect(await refusalOf(make())).toBe('not refused');
});

describe('the secret', () => {
  test('is stored sealed, one of its own for each endpoint', async () => {
    const [one, other] = [await make(), await make()];
    expect(one.secret).toMatch(whsec);
    expect(one.secret).not.toBe(other.secret);
    expect(JSON.stringify(await stored(one.endpoint.id))).not.toContain(one.secret.slice(6));
    expect(await secretsOf(one.endpoint.id)).toEqual({ current: one.secret, previous: null });
  });

  test('is rotated with an overlap, in which another rotation is refused', async () => {
    const { endpoint, secret } = await make();
    const rotated = await rotateWebhookSecret(t.app, 'roster', endpoint.id, 24);
    expect(await secretsOf(endpoint.id)).toEqual({ current: rotated.secret, previous: secret });
    const [soon, later] = [23.9, 24.1].map((hours) => new Date(Date.now() + hours * 3_600_000));
    expect(await secretsOf(endpoint.id, soon)).toEqual({ current: rotated.secret, previous: secret });
    expect(await secretsOf(endpoint.id, later)).toEqual({ current: rotated.secret, previous: null });
    const again = rotateWebhookSecret(t.app, 'roster', endpoint.id, 1);
    expect(await refusalOf(again)).toBe('webhook_secret_rotation_in_progress overlapHours');
    const { id } = endpoint;
    const until = { where: { id }, data: { previousSecretUntil: new Date(Date.now() - 1) } };
    await t.app.db.transaction(({ prisma }) => prisma.webhookEndpoint.update(until));
    expect(await refusalOf(rotateWebhookSecret(t.app, 'roster', id, 1))).toBe('not refused');
  });

  test('that leaked is of no use at once, also in an overlap', async () => {
    const { endpoint } = await make();
    await rotateWebhookSecret(t.app, 'roster', endpoint.id, 24);
    const { secret, endpoint: after } = await rotateWebhookSecret(t.app, 'roster', endpoint.id, 0);
    expect(await secretsOf(endpoint.id)).toEqual({ current: secret, previous: null });
    expect(after).toMatchObject({ sealedPreviousSecret: null, previousSecretUntil: null });
  });

  test('is rotated once by many who ask at the same time', async () => {
    const { endpoint, secret } = await make();
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, () => rotateWebhookSecret(t.app, 'roster', endpoint.id, 24)),
    );
    const [winner, ...others] = answers.filter(({ status }) => status === 'fulfilled');
    expect(others).toEqual([]);
    const { value } = winner as PromiseFulfilledResult<{ secret: string }>;
    expect(await secretsOf(endpoint.id)).toEqual({ current: value.secret, previous: secret });
  });

  test.each([-1, 169, 1.5])('is not rotated with an overlap of %d hours', async (hours) => {
    const { endpoint } = await make();
    const refused = await refusalOf(rotateWebhookSecret(t.app, 'roster', endpoint.id, hours));
    expect(refused).toBe('invalid_request_parameters overlapHours');
  });
});

describe('an update', () => {
  test('leaves what is left out, and changes nothing where nothing is other', async () => {
    const { endpoint } = await make();
    const { url } = endpoint;
    expect(await updateWebhookEndpoint(t.app, 'roster', endpoint.id, { url, status: 'enabled' })).toEqual(endpoint);
    const changed = await updateWebhookEndpoint(t.app, 'roster', endpoint.id, { eventTypes: ['user.deleted'] });
    expect(changed).toEqual({ ...endpoint, eventTypes: 'user.deleted', updatedAt: changed.updatedAt });
  });

  test('that enables an endpoint again makes it healthy', async () => {
    const { endpoint } = await make();
    const { id } = endpoint;
    const failing = { status: 'disabled', disabledReason: 'failing', failingSince: new Date(0), failures: 3 };
    await t.app.db.transaction(({ prisma }) => prisma.webhookEndpoint.update({ where: { id }, data: failing }));
    const enabled = await updateWebhookEndpoint(t.app, 'roster', id, { status: 'enabled' });
    expect(enabled).toEqual({ ...endpoint, updatedAt: enabled.updatedAt });
  });
});

test.each<[string, (actor: ApiKeyPrincipal) => Promise<unknown>]>([
  ['create', (actor) => createWebhookEndpoint(t.app, actor, { url: newUrl(), eventTypes: types })],
  ['update', (actor) => updateWebhookEndpoint(t.app, actor, unknown, {})],
  ['delete', (actor) => deleteWebhookEndpoint(t.app, actor, unknown)],
  ['rotate', (actor) => rotateWebhookSecret(t.app, actor, unknown, 24)],
])('%s takes webhooks:write, and an endpoint that there is', async (name, write) => {
  const key = { kind: 'api-key', id: 'key_x', name: 'x' } as const;
  expect(await refusalOf(write({ ...key, scopes: ['webhooks:read', 'users:write'] }))).toBe('forbidden');
  expect(await refusalOf(write({ ...key, scopes: ['webhooks:write'] }))).toBe(
    name === 'create' ? 'not refused' : 'entity_not_found',
  );
});

describe('GraphQL', () => {
  const shown = 'id url eventTypes status disabledReason failingSince previousSecretUntil payloadVersion';

  test('shows the secret when an endpoint is made and when it is rotated, and nowhere else', async () => {
    const input = { url: newUrl(), eventTypes: ['USER_UPDATED', 'IDENTITY_LINKED'] };
    const create = `mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { secret endpoint { ${shown} } } }`;
    const { endpoint, secret } = (await graphql(create, { input })).data.createWebhookEndpoint;
    expect(secret).toMatch(whsec);
    expect(endpoint).toMatchObject({ ...input, status: 'ENABLED', payloadVersion: expect.stringMatching(/^\d{4}-/) });
    const rotate = `mutation ($id: ID!) { rotateWebhookSecret(id: $id) { secret endpoint { ${shown} } } }`;
    const { rotateWebhookSecret: rotated } = (await graphql(rotate, { id: endpoint.id })).data;
    expect(rotated.secret).toMatch(whsec);
    expect(Date.parse(rotated.endpoint.previousSecretUntil) - Date.now()).toBeGreaterThan(23.9 * 3_600_000);
    expect((await graphql(rotate, { id: endpoint.id })).code).toBe('WEBHOOK_SECRET_ROTATION_IN_PROGRESS');
    const { data } = await graphql('{ __type(name: "WebhookEndpoint") { fields { name } } }');
    expect(
      data.__type.fields.map(({ name }: { name: string }) => name).filter((n: string) => /secret$/i.test(n)),
    ).toEqual([]);
  });

  test('lists endpoints newest first, page by page, changes one and deletes it', async () => {
    const made = [await make(), await make(), await make()].map(({ endpoint }) => endpoint.id).reverse();
    const list = `query ($after: String) { webhookEndpoints(first: 2, after: $after) { edges { node { id } } pageInfo { hasNextPage endCursor } } }`;
    const { webhookEndpoints: first } = (await graphql(list)).data;
    expect(first.pageInfo.hasNextPage).toBe(true);
    const { webhookEndpoints: second } = (await graphql(list, { after: first.pageInfo.endCursor })).data;
    const ids = [...first.edges, ...second.edges].map(({ node }) => node.id);
    expect(ids.slice(0, 3)).toEqual(made);
    const id = made[0] as string;
    const update = `mutation ($id: ID!, $input: UpdateWebhookEndpointInput!) { updateWebhookEndpoint(id: $id, input: $input) { ${shown} } }`;
    const input = { status: 'DISABLED', eventTypes: ['USER_DELETED'] };
    expect((await graphql(update, { id, input })).data.updateWebhookEndpoint).toMatchObject({ id, ...input });
    expect(await graphql(update, { id, input: { url: 'x' } })).toMatchObject({ code: 'INVALID_URL', field: 'url' });
    const remove = `mutation ($id: ID!) { deleteWebhookEndpoint(id: $id) { id status } }`;
    expect((await graphql(remove, { id })).data.deleteWebhookEndpoint).toEqual({ id, status: 'DISABLED' });
    expect((await graphql(remove, { id })).code).toBe('ENTITY_NOT_FOUND');
  });
});

describe('REST', () => {
  test('shows the secret to those who may change endpoints, to others its first six characters', async () => {
    const url = newUrl();
    const { status, body } = await rest('POST', '', { endpoint_url: url, events: types });
    expect(status).toBe(201);
    expect(body).toEqual({
      object: 'webhook_endpoint',
      id: expect.stringMatching(/^we_/),
      endpoint_url: url,
      secret: expect.stringMatching(whsec),
      status: 'enabled',
      events: types,
      created_at: expect.any(String),
      updated_at: body.created_at,
    });
    const { key: reader } = await t.app.apiKeys.create('reader', ['webhooks:read']);
    expect((await rest('GET', `/${body.id}`)).body).toEqual(body);
    expect((await rest('GET', '?limit=1')).body.data).toEqual([body]);
    expect((await rest('GET', `/${body.id}`, undefined, reader)).body).toEqual({ ...body, secret: 'whsec_' });
    expect((await rest('GET', '?limit=1', undefined, reader)).body.data).toEqual([{ ...body, secret: 'whsec_' }]);
    expect((await rest('PATCH', `/${body.id}`, { status: 'disabled' }, reader)).status).toBe(403);
    const { key: other } = await t.app.apiKeys.create('other', ['users:read']);
    expect((await rest('GET', '', undefined, other)).status).toBe(403);
  });

  test('names what is wrong by the keys of REST', async () => {
    const { body } = await rest('POST', '', { endpoint_url: newUrl(), events: ['nonsense'] });
    expect(body).toMatchObject({
      code: 'invalid_request_parameters',
      errors: [{ code: 'events_invalid', field: 'events' }],
    });
    const { body: empty } = await rest('POST', '', {});
    expect(empty.errors.map(({ field }: { field: string }) => field)).toEqual(['endpoint_url', 'events']);
    expect(await rest('POST', '', { endpoint_url: 'x', events: types })).toMatchObject({
      status: 422,
      body: { code: 'invalid_url' },
    });
  });
});
