import { request as httpRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import foreignVectors from '../passwords/vectors.json' with { type: 'json' };
import { ownKeys } from '../support/own-fields.ts';
import { type RawRequest, request, useRestServer } from '../support/rest.ts';
import { exchange } from '../support/sockets.ts';
import { linkAddresses, newAddress } from '../support/users.ts';

const t = useRestServer({ MAX_BODY_BYTES: '262144' });
const users = '/user_management/users';
const authenticate = '/user_management/authenticate';
const password = 'wkqzvxmrhtbj';

const send = (method: string, path: string, init?: RawRequest) => request(t, method, path, init);
const create = (json: object = {}) => send('POST', users, { json: { email: newAddress(), ...json } });
const update = (id: string, body: string, headers: Record<string, string> = {}) =>
  send('PUT', `${users}/${id}`, { body, headers });

async function newId(json: object = {}): Promise<string> {
  return (await create(json)).body.id;
}

describe('what other SDKs send', () => {
  test("PHP's [] is no metadata at all, and an empty body is no change", async () => {
    const id = await newId({ metadata: { plan: 'pro' } });
    expect((await update(id, '[]')).body.metadata).toEqual({ plan: 'pro' });
    expect((await update(id, '{"metadata":[]}')).body.metadata).toEqual({});
    expect((await create({ metadata: [] })).body.metadata).toEqual({});
    expect(await update(id, '{"metadata":["pro"]}')).toMatchObject({ status: 400, body: { code: 'invalid_metadata' } });
    expect(await update(id, '[{"name":"Ada"}]')).toMatchObject({ status: 422 });
  });

  test("Kotlin's: name and salt position, which the SDK for JavaScript cannot send", async () => {
    const vector = foreignVectors.find(({ saltPosition }) => saltPosition === 'prefix');
    const { email, id } = (await create({ email_verified: true })).body;
    const change = {
      name: 'Ada L.',
      password_hash: vector?.hash,
      password_hash_type: 'ssha256',
      password_salt_position: 'prefix',
    };
    expect(await send('PUT', `${users}/${id}`, { json: change })).toMatchObject({
      status: 200,
      body: { name: 'Ada L.' },
    });
    const credentials = { grant_type: 'password', client_id: 'c', client_secret: t.server.key, email };
    const signedIn = await send('POST', authenticate, { json: { ...credentials, password: vector?.password } });
    expect(signedIn.body.user.id).toBe(id);
  });

  test("Go's: an idempotency key on every POST, nulls by name, no metadata where it is empty", async () => {
    const headers = { 'idempotency-key': '0b3f9d8e-6d5e-4a53-9f3a-5f0f3c1c7f10', 'user-agent': 'workos-go/v10.1.1' };
    const { body, status } = await send('POST', users, { json: { email: newAddress(), first_name: 'Ada' }, headers });
    expect(status).toBe(201);
    const cleared = await update(body.id, '{"external_id":null,"first_name":null,"locale":null}', headers);
    expect(cleared.body).toMatchObject({ first_name: null, external_id: null, locale: null, metadata: {} });
  });

  test("Ruby's retry: the same request again, with an idempotency key, and Retry-After to wait for", async () => {
    const json = { email: newAddress() };
    await send('POST', users, { json });
    const again = await send('POST', users, { json, headers: { 'idempotency-key': 'a retry' } });
    expect(again).toMatchObject({ status: 400, body: { code: 'user_creation_error' } }); // never 409, which Ruby repeats
    const attempts = await Promise.all(
      Array.from({ length: 12 }, () =>
        send('POST', authenticate, {
          json: { grant_type: 'password', ...json, password: 'wrong', ip_address: '192.0.2.1' },
        }),
      ),
    );
    const limited = attempts.find(({ status }) => status === 429);
    expect(Number(limited?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(limited?.body).toEqual({ code: 'rate_limited', message: expect.any(String) });
  });

  test('and the context of a request, which is accepted and not used', async () => {
    const context = { ip_address: '203.0.113.42', user_agent: 'Mozilla/5.0', signals_id: 'signals_1' };
    expect(await create(context)).toMatchObject({ status: 201 });
    expect(await create({ ...context, signals_id: null })).toMatchObject({ status: 201 });
    expect(await update(await newId(), JSON.stringify(context))).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'ip_address' }, { field: 'user_agent' }, { field: 'signals_id' }] },
    });
  });
});

describe('authenticate', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };

  test('takes a form as well as JSON', async () => {
    const { email } = (await create({ password, email_verified: true })).body;
    const fields = { grant_type: 'password', client_id: 'client_x', client_secret: t.server.key, email, password };
    const body = new URLSearchParams(fields).toString();
    const { status, body: answer } = await send('POST', authenticate, {
      body,
      headers: { ...form, authorization: '' },
    });
    expect(status).toBe(200);
    expect(Object.keys(answer)).toEqual(['user', 'access_token', 'refresh_token', 'authentication_method']);
    expect(answer.user).toMatchObject({ object: 'user', email });
    expect(await send('POST', authenticate, { json: fields, headers: { authorization: '' } })).toMatchObject({
      status: 200,
    });
    expect(await send('POST', authenticate, { json: { ...fields, client_secret: undefined } })).toMatchObject({
      status: 200,
    });
    const wrong = { ...fields, client_secret: 'sk_wrong' };
    expect(await send('POST', authenticate, { json: wrong })).toMatchObject({
      status: 401,
      body: { code: 'unauthorized' },
    });
    const twice = await send('POST', authenticate, { body: `${body}&email=x`, headers: form });
    expect(twice).toMatchObject({ status: 422, body: { message: 'email: This was given more than once.' } });
  });

  test.each([
    ['a form', form, (length: number) => `user_agent=${'&'.repeat(length - 11)}`],
    ['JSON', {}, (length: number) => `{${' '.repeat(length - 2)}}`],
  ])('does not parse a long body of whom it does not know yet: %s', async (_what, type, make) => {
    const headers = { ...type, authorization: '' };
    expect(await send('POST', authenticate, { body: make(16_384), headers })).toMatchObject({ status: 401 });
    for (const sent of [headers, type]) {
      expect(await send('POST', authenticate, { body: make(16_385), headers: sent })).toMatchObject({
        status: 413,
        body: { code: 'payload_too_large', message: 'The body is longer than 16384 bytes.' },
      });
    }
  });

  test('refuses what it does not know and what is missing, all at once', async () => {
    const json = { grant_type: 'password', refresh_token: 'x', email: 7 };
    expect(await send('POST', authenticate, { json })).toMatchObject({
      status: 422,
      body: {
        code: 'invalid_request_parameters',
        errors: [
          { field: 'refresh_token', code: 'refresh_token_unknown', message: 'There is no such field.' },
          { field: 'email', code: 'email_invalid', message: 'Expected a string.' },
          { field: 'password', code: 'password_required', message: 'This field is required.' },
        ],
      },
    });
  });

  test('tells nothing of whether the address is known, and repeats it', async () => {
    const { email } = (await create({ password })).body;
    for (const address of [email, 'nobody@example.com']) {
      const json = { grant_type: 'password', email: address, password: 'wrong' };
      const { status, body } = await send('POST', authenticate, { json });
      expect([status, body]).toEqual([
        400,
        { code: 'invalid_credentials', message: `Invalid credentials for '${address}'.` },
      ]);
    }
  });
});

describe('a body', () => {
  test.each([
    ['malformed JSON', '{"name":', 400, 'bad_request'],
    ['nothing', '', 400, 'bad_request'],
    ['a name twice', '{"name":"Ada","name":"Grace"}', 400, 'bad_request'],
    [
      'a name twice after braces and quotes in a string',
      '{"a":"}{\\"","name":"Ada" , "name" : "Grace"}',
      400,
      'bad_request',
    ],
    ['a name twice, once escaped', '{"name":"Ada","n\\u0061me":"Grace"}', 400, 'bad_request'],
    ['a metadata key twice', '{"metadata":{"a":"1","b":"2","a":"3"}}', 400, 'bad_request'],
    ['a number', '7', 422, 'invalid_request_parameters'],
    ['null', 'null', 422, 'invalid_request_parameters'],
    ['more than is allowed', `{"name":"${' '.repeat(262_144)}"}`, 413, 'payload_too_large'],
    ['a million brackets', `${'['.repeat(200_000)}`, 400, 'bad_request'],
    ['a deep nesting', `{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 422, 'invalid_request_parameters'],
    ['half a surrogate pair', '{"name":"\\ud800"}', 422, 'invalid_request_parameters'],
    ['__proto__', '{"__proto__":{"name":"Ada"}}', 422, 'invalid_request_parameters'],
  ])('of %s is refused', async (_what, body, status, code) => {
    expect(await update(await newId(), body)).toMatchObject({ status, body: { code } });
  });

  test('that is nothing but escapes is read to its end', async () => {
    const note = '\\"'.repeat(300);
    const value = `{"metadata":{${Array.from({ length: 50 }, (_, i) => `"${i}":"${note}"`).join()}}}`;
    expect(await update(await newId(), value)).toMatchObject({ status: 200 });
    const long = `{"name":"${'\\"'.repeat(130_000)}"}`;
    expect(await update(await newId(), long)).toMatchObject({ status: 422 });
  });

  test('that is not UTF-8 is refused', async () => {
    const body = new Uint8Array([...Buffer.from('{"name":"'), 0xc3, 0x28, ...Buffer.from('"}')]);
    expect(await send('PUT', `${users}/${await newId()}`, { body })).toMatchObject({ status: 400 });
  });

  test('may hold the same name in two objects, and a name as a value', async () => {
    const id = await newId();
    const { body } = await update(id, '{"name":"name","first_name":"{\\"name\\":","metadata":{"name":"name","a":"b"}}');
    expect(body).toMatchObject({ name: 'name', first_name: '{"name":', metadata: { name: 'name', a: 'b' } });
  });

  test.each(['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded'])(
    'of type %s is refused',
    async (type) => {
      const answer = await update(await newId(), '{"name":"Ada"}', { 'content-type': type });
      expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
    },
  );

  test.each(['application/json; charset=utf-8', 'APPLICATION/JSON'])('of type %s is read', async (type) => {
    expect(await update(await newId(), '{"name":"Ada"}', { 'content-type': type })).toMatchObject({ status: 200 });
  });

  test('with keys that there are not is refused, and names all of them, also in the domain’s spelling', async () => {
    const { status, body } = await update(await newId(), '{"firstName":"Ada","managed":true,"version":7,"name":7}');
    expect(status).toBe(422);
    expect(body.code).toBe('invalid_request_parameters');
    expect(body.errors.map(({ field }: { field: string }) => field)).toEqual([
      'firstName',
      'managed',
      'version',
      'name',
    ]);
    expect(body.message).toContain('firstName: There is no such field.');
  });

  test('is not needed by GET and DELETE, whatever type they claim', async () => {
    const id = await newId();
    const { hostname, port } = new URL(t.server.url);
    const raw = (method: string, body: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const headers = {
          authorization: `Bearer ${t.server.key}`,
          'content-type': 'application/json',
          'content-length': body.length,
        };
        httpRequest({ hostname, port, method, path: `${users}/${id}`, headers }, (answer) => {
          answer.resume().once('end', () => resolve(answer.statusCode));
        })
          .once('error', reject)
          .end(body);
      });
    expect(await raw('GET', '')).toBe(200);
    expect(await raw('GET', '{')).toBe(200);
    expect(await raw('DELETE', '')).toBe(204);
  });
});

describe('a path', () => {
  test.each(['a/b', 'a b', 'a%2Fb', '100%', '?#&=+', '..', '%', "';--", 'identities'])(
    'finds the external id %j',
    async (externalId) => {
      const id = await newId({ external_id: externalId });
      // Two dots alone are a step up for every URL parser, encoded or not: such an id cannot stand in a path.
      const found = await send('GET', `${users}/external_id/${encodeURIComponent(externalId)}`);
      if (externalId === '..') expect(found.status).toBe(404);
      else expect(found).toMatchObject({ status: 200, body: { id, external_id: externalId } });
    },
  );

  test('finds an external id with a slash and a space that was not encoded, as the SDK for JavaScript sends it', async () => {
    const id = await newId({ external_id: 'team/7/the user' });
    expect((await t.workos.userManagement.getUserByExternalId('team/7/the user')).id).toBe(id);
  });

  test('may hold an encoded id, and Unicode that finds nobody', async () => {
    const id = await newId();
    expect(await send('GET', `${users}/${id.replace('_', '%5F')}`)).toMatchObject({ status: 200, body: { id } });
    const { status, body } = await send('GET', `${users}/external_id/${encodeURIComponent('密码 🔑')}`);
    expect([status, body.entity_id]).toEqual([404, '密码 🔑']);
    expect(await send('GET', `${users}/%00`)).toMatchObject({ status: 404 });
    expect(await send('GET', `${users}/user_1%2Fidentities`)).toMatchObject({ status: 404 });
  });

  test.each(['%', '%zz', '%ff', '%E0%A4%A'])('that is encoded wrongly, %s, is refused', async (wrong) => {
    for (const path of [`${users}/${wrong}`, `${users}/external_id/${wrong}`, `${users}/${wrong}/identities`]) {
      expect(await send('GET', path)).toMatchObject({ status: 400, body: { code: 'bad_request' } });
    }
  });

  test.each(['%', '%zz', '%FC', '%ff', '%E0%A4%A', '%ED%A0%80'])(
    'or a query that is encoded wrongly, %s, is refused',
    async (wrong) => {
      const paths = [`${users}?email=${wrong}`, `${users}?${wrong}=x`, `${users}/user_1/sessions?after=${wrong}`];
      for (const path of paths) {
        const message = 'The query is not correctly percent-encoded UTF-8.';
        expect(await send('GET', path)).toMatchObject({ status: 400, body: { code: 'bad_request', message } });
      }
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      const body = `grant_type=password&email=a@example.com&password=${wrong}`;
      expect(await send('POST', authenticate, { body, headers: form })).toMatchObject({
        status: 400,
        body: { code: 'bad_request', message: 'The body is not correctly percent-encoded UTF-8.' },
      });
      const graphql = await fetch(`${t.server.url}/graphql?query={viewer{id}}&variables=${wrong}`, {
        headers: { authorization: `Bearer ${t.server.key}` },
      });
      expect([graphql.status, await graphql.json()]).toMatchObject([
        400,
        { errors: [{ extensions: { code: 'BAD_REQUEST' } }] },
      ]);
    },
  );

  test('of raw bytes is no 500', async () => {
    const head = `HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${t.server.key}\r\nConnection: close\r\n\r\n`;
    const path = Buffer.from(`GET ${users}/external_id/密码 `);
    expect(await exchange(t.server.url, Buffer.concat([path, Buffer.from(head)]))).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  test.each([
    ['PATCH', `${users}/user_1`, 'GET, HEAD, PUT, DELETE'],
    ['DELETE', users, 'GET, HEAD, POST'],
    ['POST', `${users}/external_id/a`, 'GET, HEAD'],
    ['PUT', `${users}/user_1/identities`, 'GET, HEAD'],
    ['GET', authenticate, 'POST'],
    ['POST', '/openapi.json', 'GET, HEAD'],
  ])('does not answer %s %s, and says what it does', async (method, path, allow) => {
    const { status, headers, body } = await send(method, path);
    t.exchanges.length = 0; // no operation, so no schema
    expect([status, headers.get('allow')]).toEqual([405, allow]);
    expect(body).toEqual({ code: 'method_not_allowed', message: expect.any(String) });
  });

  test.each(['/user_management', '/user_management/nonsense', `${users}/`, `${users}/a/b`, `${users}/a/identities/`])(
    '%s is not there',
    async (path) => {
      const { status, body } = await send('GET', path);
      expect([status, body]).toEqual([404, { code: 'not_found', message: expect.any(String) }]);
    },
  );

  test('answers HEAD without a body', async () => {
    const { status, text, headers } = await send('HEAD', `${users}/${await newId()}`);
    t.exchanges.length = 0;
    expect([status, text, headers.get('etag')]).toEqual([200, '', '"1"']);
  });

  test('is not in the log, where it may tell of people', async () => {
    await newId({ external_id: 'secret@example.com' });
    await send('GET', `${users}/external_id/secret@example.com`);
    expect(t.server.logged()).toContain('"/user_management/users/external_id/{external_id}"');
    expect(t.server.logged()).not.toContain('secret@');
  });
});

describe('versions', () => {
  const ifMatch = (id: string, tag: string, method = 'PUT') =>
    send(method, `${users}/${id}`, { headers: { 'if-match': tag }, ...(method === 'PUT' && { json: { name: tag } }) });

  test('are the ETag of every answer with one user', async () => {
    const created = await create({ external_id: 'with an ETag' });
    expect(created.headers.get('etag')).toBe('"1"');
    const updated = await update(created.body.id, '{"name":"Ada"}');
    expect(updated.headers.get('etag')).toBe('"2"');
    for (const path of [created.body.id, 'external_id/with%20an%20ETag']) {
      expect((await send('GET', `${users}/${path}`)).headers.get('etag')).toBe('"2"');
    }
  });

  test.each([
    ['"1"', 200],
    ['*', 200],
    ['"7", "1"', 200],
    ['"2"', 412],
    ['"7", "8"', 412],
    ['W/"1"', 412], // the comparison is strong
    ['"01"', 412],
    ['"abc"', 412],
    ['1', 400],
    ['"1', 400],
    ['"1",', 400],
    ['', 400],
  ])('If-Match: %s on version 1 is answered with %i', async (tag, status) => {
    const id = await newId();
    const answer = await ifMatch(id, tag);
    expect(answer.status).toBe(status);
    if (status === 412) {
      expect(answer.headers.get('etag')).toBe('"1"');
      expect(answer.body).toEqual({ code: 'version_mismatch', message: expect.stringContaining('version is 1') });
    }
    const { body, headers } = await send('GET', `${users}/${id}`);
    expect([body.name, headers.get('etag')]).toEqual(status === 200 ? [tag, '"2"'] : [null, '"1"']);
  });

  test('are kept by DELETE and GET too', async () => {
    const id = await newId();
    expect((await ifMatch(id, '"2"', 'GET')).status).toBe(412);
    expect((await ifMatch(id, '"2"', 'DELETE')).status).toBe(412);
    expect((await ifMatch(id, '"1"', 'GET')).status).toBe(200);
    expect((await ifMatch(id, '"1"', 'DELETE')).status).toBe(204);
    expect((await ifMatch(id, '*', 'DELETE')).status).toBe(404);
  });

  test.each([
    ['"1"', 304],
    ['W/"1"', 304],
    ['"7", "1"', 304],
    ['*', 304],
    ['"2"', 200],
  ])('If-None-Match: %s on version 1 is answered with %i', async (tag, status) => {
    const answer = await send('GET', `${users}/${await newId()}`, { headers: { 'if-none-match': tag } });
    expect([answer.status, answer.headers.get('etag')]).toEqual([status, '"1"']);
  });
});

test('address and external id that other users have are both told, with the code and status of the address', async () => {
  const [id, other] = [await newId(), (await create({ external_id: 'of another' })).body];
  const errors = [
    { code: 'email_not_available', message: 'This email is not available.', field: 'email' },
    {
      code: 'external_id_already_used',
      message: 'This external id is already used by another user.',
      field: 'external_id',
    },
  ];
  const json = { email: other.email, external_id: other.external_id };
  expect(await send('PUT', `${users}/${id}`, { json })).toMatchObject({
    status: 400,
    body: {
      code: 'email_not_available',
      message: 'This email is not available. This external id is already used by another user.',
      errors,
    },
  });
  expect(await create(json)).toMatchObject({ status: 400, body: { code: 'user_creation_error', errors } });
});

describe('every answer', () => {
  test('has all keys of a user, and nothing else', async () => {
    const id = await newId();
    await linkAddresses(t.server.app, id, ['ada@example.com']);
    const { body, headers } = await send('GET', `${users}/${id}`);
    expect(Object.keys(body).sort()).toEqual(
      [
        ...['object', 'id', 'email', 'email_verified', 'first_name', 'last_name', 'name', 'profile_picture_url'],
        ...['external_id', 'metadata', 'locale', 'last_sign_in_at', 'created_at', 'updated_at'],
        ...ownKeys,
      ].sort(),
    );
    expect(body.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('takes the request id of the caller', async () => {
    const { url, key } = t.server;
    const headers = { authorization: `Bearer ${key}`, 'x-request-id': 'order-17' };
    const answer = await fetch(`${url}${users}`, { headers });
    expect(answer.headers.get('x-request-id')).toBe('order-17');
  });

  test('to a caller without a key says how to give one', async () => {
    const { status, body, headers } = await send('GET', users, { headers: { authorization: 'Basic eDp5' } });
    expect([status, body.code, headers.get('www-authenticate')]).toEqual([401, 'unauthorized', 'Bearer']);
  });

  test('hides what went wrong inside', async () => {
    const { userReads } = t.server.app.db;
    const original = userReads.find;
    userReads.find = () => Promise.reject(new Error('secret'));
    const { status, text } = await send('GET', `${users}/user_1`);
    userReads.find = original;
    t.exchanges.length = 0;
    expect([status, text]).toEqual([500, '{"code":"internal_server_error","message":"Unexpected error."}']);
  });
});
