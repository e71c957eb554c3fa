import { type GraphQLInputObjectType, isInputObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schema } from '../../src/graphql/schema/schema.ts';
import { allScopes } from '../../src/principal/scopes.ts';
import { readEvents } from '../support/events.ts';
import { followEvents } from '../support/live.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { makeUser } from '../support/users.ts';
import { makeEndpoint } from '../support/webhooks.ts';

let t: TestServer;
let key: string;
beforeAll(async () => {
  t = await startTestServer();
  ({ key } = await t.app.apiKeys.create('everything', [...allScopes]));
  await makeUser(t.app);
  await readEvents(t.app); // they have their positions now
});
afterAll(() => t.close());

interface Page {
  readonly edges: readonly unknown[];
}

const lists = {
  users: ['UserFilter', 'query ($filter: UserFilter) { users(filter: $filter) { edges { cursor } } }'],
  events: ['EventFilter', 'query ($filter: EventFilter) { events(filter: $filter) { edges { cursor } } }'],
} as const;
type List = keyof typeof lists;

const conditions = (Object.keys(lists) as List[]).flatMap((list) => {
  const type = schema.getType(lists[list][0]);
  if (!isInputObjectType(type)) throw new Error(`no filter of ${list}`);
  return Object.keys((type as GraphQLInputObjectType).getFields()).map((field): [List, string] => [list, field]);
});

const ask = (query: string, variables: Record<string, unknown> = {}) =>
  t.graphql<Record<string, Page>, Record<string, unknown>>(query, variables, key);

describe('a condition that is null is refused, or a value that is missing by mistake would find everybody', () => {
  test.each(conditions)('%s by %s', async (list, field) => {
    const [type, query] = lists[list];
    const given = await ask(query, { filter: { [field]: null } });
    expect(given.data).toBeFalsy();
    expect(given.errors?.[0]).toMatchObject({
      message: expect.stringContaining(`\`${field}\` is null`),
      extensions: { code: 'INVALID_REQUEST_PARAMETERS', field },
    });
    const literal = await ask(`{ ${list}(filter: { ${field}: null }) { edges { cursor } } }`);
    expect(literal.errors?.[0]?.extensions.field).toBe(field);
    expect(schema.getType(type)?.description).toContain('`null` is refused');
  });

  test('all of them are told', async () => {
    const filter = { email: null, externalId: null, emailVerified: true };
    const { errors } = await ask(lists.users[1], { filter });
    expect(errors?.[0]?.extensions.issues?.map(({ field }) => field)).toEqual(['email', 'externalId']);
  });

  test('whom and what a subscription follows', async () => {
    for (const field of ['userId', 'types']) {
      const stream = followEvents(t.url, key, { [field]: null });
      expect(await stream.ended).toBe('complete');
      expect(stream.errors).toMatchObject([{ extensions: { code: 'INVALID_REQUEST_PARAMETERS', field } }]);
      expect(stream.events).toEqual([]);
    }
  });

  test('the state of deliveries', async () => {
    const { id } = await makeEndpoint(t.app, 'https://receiver.example/');
    const query = `query ($state: WebhookDeliveryState) { webhookEndpoint(id: "${id}") { deliveries(state: $state) { edges { cursor } } } }`;
    expect((await ask(query, { state: null })).errors?.[0]?.extensions).toMatchObject({ field: 'state' });
    expect((await ask(query)).errors).toBeUndefined();
  });
});

describe('what is left out does not count', () => {
  test.each(Object.entries(lists))(
    '%s: no filter, null for the whole of it, none of its conditions',
    async (list, of) => {
      for (const variables of [{}, { filter: null }, { filter: {} }]) {
        const { data, errors } = await ask(of[1], variables);
        expect(errors).toBeUndefined();
        expect(data?.[list]?.edges.length).toBeGreaterThan(0);
      }
    },
  );

  test('a condition whose variable is left out', async () => {
    const { data } = await ask(
      'query ($email: EmailAddress) { users(filter: { email: $email }) { edges { cursor } } }',
    );
    expect(data?.users?.edges).toHaveLength(1);
  });
});
