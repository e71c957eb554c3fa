import {
  CreateUser,
  DeleteUser,
  GetUser,
  LinkIdentity,
  ListUsers,
  SetUserManaged,
  UnlinkIdentity,
  UpdateUser,
} from './documents.ts';
import type { Ask } from './twins.ts';

export type Step = [what: string, work: (ask: Ask) => Promise<unknown>];

const show =
  'id email emailVerified firstName lastName name externalId metadata locale managed lastSignInAt createdAt updatedAt version';
const create = (input: object): Step => [
  `create ${JSON.stringify(input)}`,
  (ask) => ask.graphql(`${CreateUser}`, { input }),
];
const update = (input: object, more: object = {}, user = 0): Step => [
  `update ${JSON.stringify(input)}`,
  (ask) => ask.graphql(`${UpdateUser}`, { id: ask.ids[user], input, ...more }),
];
const list = (variables: object): Step => [
  `list ${JSON.stringify(variables)}`,
  (ask) => ask.graphql(`${ListUsers}`, variables),
];
const find = (field: string, type: string, value: string): Step => [
  `${field} ${JSON.stringify(value).slice(0, 60)}`,
  (ask) =>
    ask.graphql(
      `query ($v: ${type}!) { ${field}: userBy${field}(${field[0]?.toLowerCase()}${field.slice(1)}: $v) { ${show} } }`,
      { v: value },
    ),
];
const findId = (id: string): Step => [
  `id ${JSON.stringify(id).slice(0, 60)}`,
  (ask) => ask.graphql(`${GetUser}`, { id }),
];

/** Texts that one database may store, compare or order otherwise than another. */
export const oddTexts = [
  '',
  ' ',
  ' padded ',
  'null',
  "O'Brien; --",
  'back\\slash "quote"',
  'tab\tline\nreturn\r',
  '%_*?',
  '$1 ? :name @p',
  'ÄÖÜ',
  'äöü',
  'e\u0301',
  '\u00e9',
  'ß',
  'ẞ',
  'İ',
  'ı',
  'Ω',
  '\u2126',
  'ﬁ',
  '①',
  '\u{1F469}\u200D\u{1F4BB}',
  '🇩🇪',
  '\u{10FFFF}',
  '\uFFFD',
  '\uFEFFbom',
  '\u2028\u2029',
  '\u202Ertl',
  'مرحبا',
  '日本語',
  'Z',
  'a',
  'A',
  'z',
  '10',
  '9',
  '\u007F\u0001',
  '🙂'.repeat(127),
];
const refusedTexts = ['\u0000', 'a\u0000b', '\ud800', 'x\udfff', 'x'.repeat(256)];

const addresses = [
  'Plain@Example.com',
  'ÄÖÜ@example.com',
  'straße@Straße.de',
  'ﬁne@example.com',
  'İstanbul@example.com',
  'a+tag@EXAMPLE.com',
  'ｆｕｌｌ@ｅｘａｍｐｌｅ.com',
  'x@bücher.example',
  '🙂@example.com',
];

/** A long day in the life of a store: everything that a client can do, with values that are not easy, and every refusal. */
export const script: Step[] = [
  ...addresses.map((email) => create({ email })),
  ...addresses.map((email) => create({ email: ` ${email.toUpperCase()} ` })),
  ...addresses.flatMap((email) => [
    find('Email', 'EmailAddress', email),
    find('Email', 'EmailAddress', email.toLowerCase()),
  ]),
  ...['', 'no address', 'a@b', 'a\u0000@example.com', '\ud800@example.com'].map((email) => create({ email })),
  ...oddTexts.flatMap((text) => [update({ firstName: text, lastName: null, name: text }), update({ name: text })]),
  ...oddTexts.map((text, i) => update({ metadata: { [`k${i % 40}`]: text } })),
  ...oddTexts.map((text) => update({ metadata: { [text.slice(0, 40)]: 'v' } }, {}, 1)),
  ...refusedTexts.flatMap((text) => [
    update({ firstName: text }),
    update({ metadata: { a: text } }),
    update({ metadata: { [text]: '' } }),
  ]),
  update(
    { metadata: { b: '1', a: '2', 10: '3', 9: '4', Z: '5', ä: '6', aa: '7', __proto__x: '8', constructor: '9' } },
    {},
    2,
  ),
  update({ metadata: { Z: null, 0: 'first', b: '1' } }, {}, 2),
  update({ metadata: JSON.parse('{"__proto__": "x"}') }, {}, 2),
  update({ metadata: { long: '🙂'.repeat(300) } }, {}, 2),
  update({ metadata: { long: 'x'.repeat(601) } }, {}, 2),
  update({ metadata: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`n${i}`, ''])) }, {}, 2),
  update({ metadata: {} }, {}, 2),
  update({ metadata: null }, {}, 1),
  ...['abc', 'ABC', 'abc ', ' abc', "a'b", '~', '%', '_'].flatMap((externalId, i) => [
    update({ externalId }, {}, i),
    update({ externalId }, {}, 8),
    find('ExternalId', 'String', externalId),
  ]),
  ...['aBc', '', 'ä', '\u0000', 'x'.repeat(129)].flatMap((externalId) => [
    update({ externalId }, {}, 8),
    find('ExternalId', 'String', externalId),
  ]),
  ...['de', 'en-us', 'zh-hant-tw', 'en_US', '', 'x'.repeat(300)].map((locale) => update({ locale })),
  update({}),
  update({ firstName: 'A' }, { expectedVersion: 1 }),
  update({ firstName: 'A' }, { expectedVersion: 2_147_483_647 }),
  update({ firstName: 'A' }, { expectedVersion: 2_147_483_648 }),
  update({ email: 'plain@example.com', emailVerified: true }),
  update({ emailVerified: false }),
  update({ email: 'ÄÖÜ@EXAMPLE.com' }),
  update({ email: null, emailVerified: null, password: null, firstName: 7, nonsense: 1 }),
  update({ email: null, emailVerified: null, password: null, locale: 'en_US', metadata: { '': 'x' } }),
  update({ password: 'password' }),
  update({ password: 'short' }),
  update({ passwordHash: '$2b$99$x', passwordHashType: 'BCRYPT' }),
  update({ passwordHash: 'x' }),
  update({ passwordHash: `{SSHA}${'A'.repeat(32)}`, passwordHashType: 'SSHA' }),
  update({ passwordHash: `{SSHA}${'A'.repeat(32)}`, passwordHashType: 'SSHA' }),
  update({ password: 'x', passwordHash: 'y' }),
  ...['GOOGLE_OAUTH', 'X_OAUTH'].flatMap((provider) =>
    ['1', 'ID', 'id', 'ï', '🙂'].map(
      (idpId): Step => [
        `link ${provider} ${idpId}`,
        (ask) =>
          ask.graphql(`${LinkIdentity}`, {
            userId: ask.ids[0],
            input: { provider, idpId, email: idpId === '1' ? null : ' PLAIN@example.com' },
          }),
      ],
    ),
  ),
  [
    'link again',
    (ask) =>
      ask.graphql(`${LinkIdentity}`, {
        userId: ask.ids[0],
        input: { provider: 'X_OAUTH', idpId: 'id', email: 'other@example.com' },
      }),
  ],
  [
    'link of another',
    (ask) => ask.graphql(`${LinkIdentity}`, { userId: ask.ids[1], input: { provider: 'X_OAUTH', idpId: 'ID' } }),
  ],
  [
    'link to nobody',
    (ask) => ask.graphql(`${LinkIdentity}`, { userId: 'user_x', input: { provider: 'X_OAUTH', idpId: '77' } }),
  ],
  update({ email: ' Plain@EXAMPLE.com ' }),
  ['unlink', (ask) => ask.graphql(`${UnlinkIdentity}`, { id: ask.ids.find((id) => id.startsWith('identity_')) })],
  ['unlink again', (ask) => ask.graphql(`${UnlinkIdentity}`, { id: ask.ids.find((id) => id.startsWith('identity_')) })],
  update({ email: 'moved@example.com' }),
  ['manage', (ask) => ask.graphql(`${SetUserManaged}`, { id: ask.ids[0], managed: true })],
  update({ email: 'again@example.com' }),
  [
    'sign in',
    (ask) =>
      ask.graphql('mutation { authenticateWithPassword(email: "nobody@example.com", password: "x") { user { id } } }'),
  ],
  [
    'sign in, wrong',
    (ask) =>
      ask.graphql('mutation { authenticateWithPassword(email: "MOVED@example.com", password: "x") { user { id } } }'),
  ],
  ...[
    { first: 100 },
    { first: 100, orderBy: 'CREATED_AT_ASC' },
    { last: 3 },
    { first: 0 },
    { first: 101 },
    { first: 1, after: 'x' },
  ].map(list),
  list({ filter: { emailVerified: true } }),
  list({ filter: { email: 'STRASSE@straße.de' } }),
  ...[
    '0001-01-01T00:00:00.000Z',
    '1970-01-01T00:00:00.000Z',
    '2026-01-15T12:00:03.711Z',
    '2026-01-15T12:00:03.712Z',
    '9999-12-31T23:59:59.999Z',
  ].flatMap((moment) => [
    list({ first: 50, orderBy: 'CREATED_AT_ASC', filter: { createdFrom: moment } }),
    list({ first: 50, orderBy: 'CREATED_AT_ASC', filter: { createdBefore: moment } }),
  ]),
  ['page', (ask) => ask.graphql(`${ListUsers}`, { first: 2, after: ask.ids[4], orderBy: 'CREATED_AT_ASC' })],
  ['page back', (ask) => ask.graphql(`${ListUsers}`, { last: 2, before: ask.ids[4], orderBy: 'CREATED_AT_DESC' })],
  ['count', (ask) => ask.graphql('{ users { totalCount } }')],
  ...['', ' ', 'user_x', '\u0000', '\ud800', '🙂', 'x'.repeat(5000), "' OR 1=1 --"].map(findId),
  ['REST get', (ask) => ask.rest('GET', `/user_management/users/${ask.ids[0]}`)],
  ['REST list', (ask) => ask.rest('GET', '/user_management/users?limit=3&order=asc')],
  [
    'REST update',
    (ask) =>
      ask.rest('PUT', `/user_management/users/${ask.ids[3]}`, { first_name: 'Zoë 🙂', metadata: { b: 'x', a: 'y' } }),
  ],
  ['REST taken', (ask) => ask.rest('PUT', `/user_management/users/${ask.ids[3]}`, { email: 'Moved@example.com' })],
  ['REST external id', (ask) => ask.rest('PUT', `/user_management/users/${ask.ids[3]}`, { external_id: 'ABC' })],
  [
    'REST stale',
    (ask) => ask.rest('PUT', `/user_management/users/${ask.ids[3]}`, { first_name: 'x' }, { 'if-match': '"1"' }),
  ],
  ['REST create', (ask) => ask.rest('POST', '/user_management/users', { email: 'MOVED@example.com' })],
  ['REST by external id', (ask) => ask.rest('GET', '/user_management/users/external_id/abc')],
  ['delete', (ask) => ask.graphql(`${DeleteUser}`, { id: ask.ids[1] })],
  ['delete again', (ask) => ask.graphql(`${DeleteUser}`, { id: ask.ids[1] })],
  list({ first: 100 }),
];
