import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkMs } from '../../src/events/live/live-events.ts';
import { revokeSession } from '../../src/sessions/revoke.ts';
import { deleteUser } from '../../src/users/delete.ts';
import { updateUser } from '../../src/users/update.ts';
import { readEvents } from '../support/events.ts';
import { beginEvents, type EventStream, eventsSubscription, followEvents, idsOf } from '../support/live.ts';
import { jsonHeaders, post, startTestServer, type TestServer } from '../support/server.ts';
import { makeSignedIn } from '../support/sessions.ts';
import { makeUser } from '../support/users.ts';
import { waitFor } from '../support/wait.ts';

let t: TestServer;
beforeEach(async () => {
  t = await startTestServer();
});
afterEach(() => t.close());

const follow = (credentials = t.key, variables: Record<string, unknown> = {}) =>
  followEvents(t.url, credentials, variables);
const begun = (credentials = t.key, variables: Record<string, unknown> = {}) =>
  beginEvents(t.url, credentials, variables);

/** Counts from now on how often those who follow are looked at. */
function countChecks(): () => number {
  let checks = 0;
  const reader = t.app.db.reader.$extends({
    query: {
      $allModels: {
        findMany({ model, args, query }) {
          if (model === 'ApiKey' || model === 'Session') checks += 1;
          return query(args);
        },
      },
    },
  });
  Object.assign(t.app.db, { reader });
  return () => checks;
}

/** What was done before, the next look finds out; one may have been under way, and one comes before the client is told. */
async function endsInTime(checks: () => number, stream: EventStream): Promise<void> {
  expect(await stream.ended).toBe('complete');
  expect(stream.errors).toMatchObject([{ extensions: { code: 'UNAUTHORIZED' } }]);
  expect(checks()).toBeLessThanOrEqual(3);
  expect(2 * checkMs).toBeLessThanOrEqual(2000);
}

describe('what is told', () => {
  test('goes on after an id: first what has happened since, then what happens, in order, each once', async () => {
    const { id } = await makeUser(t.app);
    const [first] = await readEvents(t.app);
    for (let i = 0; i < 250; i += 1) await updateUser(t.app, 'roster', id, { name: `name ${i}` });
    const stream = await begun(t.key, { after: first?.id });
    for (let i = 0; i < 50; i += 1) await updateUser(t.app, 'roster', id, { name: `later name ${i}` });
    await waitFor('all events', () => stream.events.length >= 300);
    expect(idsOf(stream.events)).toEqual(idsOf(await readEvents(t.app)).slice(1));
  });

  test('goes on after an id, also by a type that is named twice', async () => {
    const { id } = await makeUser(t.app);
    const [first] = await readEvents(t.app);
    for (let i = 0; i < 110; i += 1) await updateUser(t.app, 'roster', id, { name: `name ${i}` });
    const stream = await begun(t.key, { after: first?.id, types: ['USER_UPDATED', 'USER_UPDATED'] });
    await updateUser(t.app, 'roster', id, { name: 'the last' });
    const all = idsOf(await readEvents(t.app)).slice(1);
    await waitFor('the last event', () => idsOf(stream.events).at(-1) === all.at(-1));
    expect(idsOf(stream.events)).toEqual(all);
  });

  test('without an id: what happens from now on, and only of the user and the types that are asked for', async () => {
    const { id } = await makeUser(t.app);
    const { id: other } = await makeUser(t.app);
    await readEvents(t.app);
    const all = await begun();
    const some = await begun(t.key, { userId: id, types: ['USER_DELETED'] });
    const none = await begun(t.key, { types: [] });
    await updateUser(t.app, 'roster', id, { name: 'Ada' });
    await deleteUser(t.app, 'roster', other);
    await deleteUser(t.app, 'roster', id);
    await waitFor('the last event', () => some.events.length > 0 && all.events.length >= 3);
    expect(some.events).toMatchObject([{ type: 'USER_DELETED', userId: id }]);
    expect(all.events.map(({ type }) => type)).toEqual(['USER_UPDATED', 'USER_DELETED', 'USER_DELETED']);
    expect(none.events).toEqual([]);
  });

  test('misses nothing when it is interrupted again and again while others write', async () => {
    const { id } = await makeUser(t.app);
    const [first] = await readEvents(t.app);
    const writing = (async () => {
      for (let i = 0; i < 120; i += 1) await updateUser(t.app, 'roster', id, { name: `name ${i}` });
    })();
    const seen: string[] = [first?.id as string];
    while (seen.length < 121) {
      const stream = await begun(t.key, { after: seen.at(-1) });
      const most = Math.min(121 - seen.length, 25);
      await waitFor('some events', () => stream.events.length >= most);
      stream.stop();
      seen.push(...idsOf(stream.events));
    }
    await writing;
    expect(seen).toEqual(idsOf(await readEvents(t.app)));
  });
});

describe('who may follow', () => {
  test('a signed-in user: only themselves, and not from which address something came', async () => {
    const alice = await makeSignedIn(t);
    const [first] = await readEvents(t.app);
    await makeUser(t.app);
    const stream = await begun(alice.accessToken, { after: first?.id });
    await updateUser(t.app, 'roster', alice.userId, { name: 'Ada' });
    await waitFor('the update', () => stream.events.some(({ type }) => type === 'USER_UPDATED'));
    expect(new Set(stream.events.map(({ userId }) => userId))).toEqual(new Set([alice.userId]));
    const session = stream.events.find(({ type }) => type === 'SESSION_CREATED');
    expect(session?.data).toMatchObject({ ip_address: null });
    const foreign = follow(alice.accessToken, { userId: (await makeUser(t.app)).id });
    await foreign.ended;
    expect(foreign.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });

  test('a key without the scope, and nobody without credentials', async () => {
    const { key } = await t.app.apiKeys.create('reader', ['users:read']);
    const stream = follow(key);
    await stream.ended;
    expect(stream.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    const body = JSON.stringify({ query: eventsSubscription });
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
    expect((await fetch(`${t.url}/graphql`, { method: 'POST', headers, body })).status).toBe(401);
  });

  test('20 streams a key and 4 a user, and a new one when one has ended', async () => {
    const { accessToken } = await makeSignedIn(t);
    for (const [credentials, most] of [
      [t.key, 20],
      [accessToken, 4],
    ] as const) {
      const streams = await Promise.all(Array.from({ length: most }, () => begun(credentials)));
      const refused = follow(credentials);
      await refused.ended;
      expect(refused.errors).toMatchObject([{ extensions: { code: 'TOO_MANY_STREAMS' } }]);
      streams[0]?.stop();
      await waitFor('a place', async () => {
        const next = await begun(credentials);
        const isIn = next.errors.length === 0 && (await Promise.race([next.ended, pause(200)])) === undefined;
        return isIn;
      });
    }
  });

  test('a thousand streams a process, whoever follows, and a new one when one has ended', async () => {
    const principals = await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        const { key } = await t.app.apiKeys.create(`reader ${i}`);
        return t.app.apiKeys.authenticate(`Bearer ${key}`);
      }),
    );
    const streams = await Promise.all(
      principals.flatMap((principal) => Array.from({ length: 20 }, () => t.app.liveEvents.follow(principal, {}))),
    );
    expect(streams).toHaveLength(1000);
    const refused = follow();
    expect(await refused.ended).toBe('complete');
    expect(refused.errors).toMatchObject([
      { message: expect.stringContaining('Try again'), extensions: { code: 'TOO_MANY_STREAMS' } },
    ]);
    await streams[0]?.return();
    const next = await begun();
    const { id } = await makeUser(t.app);
    await waitFor('what happens then', () => next.events.some(({ userId }) => userId === id));
    const again = follow();
    await again.ended;
    expect(again.errors).toMatchObject([{ extensions: { code: 'TOO_MANY_STREAMS' } }]);
    await Promise.all(streams.map((stream) => stream.return()));
  });

  test('one that is refused takes no place', async () => {
    await makeUser(t.app);
    await readEvents(t.app);
    for (let i = 0; i < 25; i += 1) {
      const refused = follow(t.key, { after: 'event_7ZZZZZZZZZZZZZZZZZZZZZZZZZ' });
      await refused.ended;
      expect(refused.errors).toMatchObject([{ extensions: { code: 'UNKNOWN_CURSOR' } }]);
    }
  });
});

/** As much as a user may have: 50 keys of 600 characters. */
const largeMetadata = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key${i}`, 'x'.repeat(600)]));

const pause = (ms: number) => new Promise<undefined>((resolve) => setTimeout(resolve, ms, undefined));

describe('it ends', () => {
  test('within two seconds when the key is revoked, in whichever process', async () => {
    const { id, key } = await t.app.apiKeys.create('reader');
    const stream = await begun(key);
    const other = await begun();
    await t.app.db.transaction((tx) => tx.prisma.apiKey.update({ where: { id }, data: { revokedAt: new Date() } }));
    await endsInTime(countChecks(), stream);
    expect(other.errors).toEqual([]);
  });

  test('within two seconds when the session is revoked, or the user is deleted', async () => {
    const [alice, bob] = [await makeSignedIn(t), await makeSignedIn(t)];
    const streams = [await begun(alice.accessToken), await begun(bob.accessToken)];
    await revokeSession(t.app, 'roster', alice.sessionId);
    await deleteUser(t.app, 'roster', bob.userId);
    const checks = countChecks();
    for (const stream of streams) await endsInTime(checks, stream);
  });

  test('when the access token has expired', async () => {
    const { accessToken } = await makeSignedIn(t);
    const stream = await begun(accessToken);
    Object.assign(t.app, { now: () => new Date(Date.now() + 301_000) });
    await endsInTime(countChecks(), stream);
  });

  test('with the server, which it does not hold up', async () => {
    await t.close();
    t = await startTestServer({ SHUTDOWN_TIMEOUT_MS: '600000' }); // so long it would wait for what does not end
    const stream = await begun();
    await t.close();
    expect(await stream.ended).toBe('complete');
    expect(stream.errors).toEqual([]);
    t = await startTestServer();
  });
});

test('who takes nothing is told so, when a thousand events wait, and holds up nobody', async () => {
  const { id } = await makeUser(t.app);
  const user = await t.app.db.reader.user.findUniqueOrThrow({ where: { id } });
  const principal = await t.app.apiKeys.authenticate(`Bearer ${t.key}`);
  const record = (count: number) =>
    t.app.db.transaction((tx) =>
      t.app.events.record(tx, 'roster', new Array(count).fill({ type: 'user.created', user })),
    );
  await readEvents(t.app);
  const slow = await t.app.liveEvents.follow(principal, {});
  const first = slow.next(); // it has caught up, and waits
  const fast = await begun();
  await record(1);
  expect((await first).value).toMatchObject({ type: 'user.created' });
  await record(600);
  await waitFor('half of them', () => fast.events.length >= 601);
  await record(600);
  await waitFor('all of them', () => fast.events.length >= 1201);
  await expect(slow.next()).rejects.toMatchObject({ code: 'reader_too_slow' });
  expect(await slow.next()).toEqual({ done: true, value: undefined });
});

test('events that are large: who is behind gets all of them in pieces, and who takes nothing is cut by their size', async () => {
  const { id } = await makeUser(t.app, { metadata: largeMetadata });
  const user = await t.app.db.reader.user.findUniqueOrThrow({ where: { id } });
  const principal = await t.app.apiKeys.authenticate(`Bearer ${t.key}`);
  const record = (count: number) =>
    t.app.db.transaction((tx) =>
      t.app.events.record(tx, 'roster', new Array(count).fill({ type: 'user.created', user })),
    );
  await record(60);
  const [first, ...later] = await readEvents(t.app);
  const behind = await begun(t.key, { after: first?.id });
  await waitFor('all of them', () => behind.events.length >= later.length);
  expect(idsOf(behind.events)).toEqual(idsOf(later));
  behind.stop();
  const slow = await t.app.liveEvents.follow(principal, {});
  const next = slow.next();
  await record(1);
  await next;
  await record(280);
  const fast = await begun(t.key, { after: (await readEvents(t.app)).at(-2)?.id });
  await waitFor('the last to be told', () => fast.events.length > 0);
  await record(1);
  await waitFor('one more, with the others before it', () => fast.events.length > 1);
  await expect(slow.next()).rejects.toMatchObject({ code: 'reader_too_slow' });
});

describe('over HTTP', () => {
  const ask = (accept: string, query = eventsSubscription) =>
    fetch(`${t.url}/graphql`, {
      method: 'POST',
      headers: { ...jsonHeaders(t.key), accept },
      body: JSON.stringify({ query }),
    });

  test('no proxy waits for its end, and it says now and then that it is alive', async () => {
    const answer = await ask('text/event-stream');
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-store',
      'x-accel-buffering': 'no',
      connection: 'close',
    });
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    let text = '';
    while (text.split(':\n\n').length < 4) text += new TextDecoder().decode((await reader.read()).value);
    expect(text).toMatch(/^(:\n\n)+$/);
    await reader.cancel();
  });

  test('the address may ask for it, as GraphiQL does', async () => {
    const url = `${t.url}/graphql?query=${encodeURIComponent(eventsSubscription)}`;
    const headers = { authorization: `Bearer ${t.key}`, accept: 'text/event-stream' };
    const answer = await fetch(url, { headers });
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    await answer.body?.cancel();
    const query = await fetch(`${t.url}/graphql?query={__typename}`, { headers });
    expect(query.status).toBe(406);
  });

  test('who takes no stream gets none, and what is no subscription comes in none: nothing has happened', async () => {
    expect((await ask('application/json')).status).toBe(406);
    const create = 'mutation { createUser(input: { email: "ada@example.com" }) { id } }';
    expect((await ask('text/event-stream', create)).status).toBe(406);
    expect(await t.app.db.reader.user.count()).toBe(0);
  });

  test.each([
    ['the field', 'subscription { events @skip(if: true) { id } }'],
    ['the field, by a variable', 'subscription ($no: Boolean = false) { events @include(if: $no) { id } }'],
    ['a fragment within the operation', 'subscription { ... @include(if: false) { events { id } } }'],
    ['a fragment', 'subscription { ...F @skip(if: true) } fragment F on Subscription { events { id } }'],
    [
      'the field within a fragment',
      'subscription { ...F } fragment F on Subscription { events @skip(if: true) { id } }',
    ],
  ])('a subscription that may be left without a field is refused: a condition on %s', async (_case, query) => {
    const text = await (await ask('text/event-stream', query)).text();
    expect(text).toMatch(/"code":"(GRAPHQL_VALIDATION_FAILED|BAD_REQUEST)"/);
  });

  test('a wrong variable is not repeated, and an unknown id is refused', async () => {
    const wrong = follow(t.key, { types: ['secret value'] });
    const unknown = follow(t.key, { after: 'event_01ARZ3NDEKTSV4RRFFQ69G5FAV' });
    await Promise.all([wrong.ended, unknown.ended]);
    expect(JSON.stringify(wrong.errors)).not.toContain('secret value');
    expect(wrong.errors).toMatchObject([{ extensions: { code: 'INVALID_REQUEST_PARAMETERS' } }]);
    expect(unknown.errors[0]?.extensions.code).toMatch(/^(UNKNOWN_CURSOR|CURSOR_EXPIRED)$/);
    expect((await post(t.url, t.key, '{ __typename }')).status).toBe(200);
  });
});
