import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { createApiKeys } from '../../src/auth/api-keys.ts';
import { sqlitePath } from '../../src/config/database-url.ts';
import { databaseOptions } from '../../src/db/database-options.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { findUser } from '../../src/users/find.ts';
import { linkIdentity, unlinkIdentity } from '../../src/users/identities.ts';
import { listUsers } from '../../src/users/list.ts';
import { updateUser } from '../../src/users/update.ts';
import type { UserFilter } from '../../src/users/user-filter.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { connectTo } from '../support/database.ts';
import { openRecorded, type Statement } from '../support/recording.ts';
import { linkAddresses, makeUser, newAddress } from '../support/users.ts';
import { freePort } from '../support/wait.ts';

let t: TestApp;
/** The same app on connections that tell what SQL they are sent. */
let app: App;
let statements: Statement[] = [];
let userId: string;

beforeAll(async () => {
  t = await createTestApp();
  ({ id: userId } = await makeUser(t.app, { externalId: 'known', emailVerified: true }));
  await linkAddresses(t.app, userId, [newAddress(), null]);
  const db = await openRecorded(databaseOptions(t.app.config), (statement) => {
    if (/^(SELECT|INSERT|UPDATE|DELETE)/.test(statement.sql)) statements.push(statement);
  });
  app = { ...t.app, db };
});

afterAll(async () => {
  await app.db.close();
  await t.close();
});

/** Reading the list or the rows that are the statement's own parameter, what a count has found by an index, or the few endpoints of webhooks. */
const ofParameter =
  /^SCAN endpoint$|^(LIST|SCALAR) SUBQUERY|^SCAN (json_each|row) VIRTUAL TABLE|^(CO-ROUTINE|SCAN) (sub|row|given)$|^SCAN (CONSTANT ROW|\d+-ROW VALUES CLAUSE)$/;

function toSqlite(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'boolean' ? Number(value) : value;
}

/** How SQLite carries out each statement that `work` sends, a line a step. */
async function plansOf(work: () => Promise<unknown>): Promise<string[]> {
  statements = [];
  await work();
  const connection = connectTo(sqlitePath(t.app.config.DATABASE_URL));
  return statements.flatMap(({ sql, values }) =>
    connection
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all(values.map(toSqlite))
      .map(({ detail }) => detail.replace('main.', ''))
      .filter((step) => !ofParameter.test(step)),
  );
}

const byId = 'SEARCH users USING INDEX sqlite_autoindex_users_1 (id=?)';
const identitiesByUser = 'SEARCH identities USING INDEX identities_user_id_id_idx (user_id=?)';

describe('one look-up in an index finds', () => {
  test.each<[string, () => Promise<unknown>, string[]]>([
    ['a user by id', () => findUser(app, { id: userId }), [byId]],
    [
      'a user by address, in any case',
      () => findUser(app, { email: 'SOMEBODY@example.com' }),
      ['SEARCH users USING INDEX users_email_canonical_key (email_canonical=?)'],
    ],
    [
      'a user by external id',
      () => findUser(app, { externalId: 'known' }),
      ['SEARCH users USING INDEX users_external_id_key (external_id=?)'],
    ],
    [
      'the identities of a user, in their order',
      () => findUser(app, { id: userId }, { include: { identities: { orderBy: { id: 'asc' } } } }),
      [byId, identitiesByUser],
    ],
    [
      'an API key',
      () => createApiKeys({ ...t.app.db, reader: app.db.reader }, app.now).authenticate(`Bearer ${t.key}`),
      ['SEARCH api_keys USING INDEX api_keys_hash_key (hash=?)'],
    ],
  ])('%s', async (_what, work, plan) => {
    expect(await plansOf(work)).toEqual(plan);
  });
});

describe('a write', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['of a new address', () => updateUser(app, 'roster', userId, { email: newAddress() })],
    ['of a name', () => updateUser(app, 'roster', userId, { firstName: 'Ada' })],
    ['of a password', () => updateUser(app, 'roster', userId, { password: 'walnut trumpet glacier mitten' })],
    [
      'of an identity and of its end',
      async () => {
        const { id } = await linkIdentity(app, 'roster', userId, { provider: 'GoogleOAuth', idpId: 'new' });
        await unlinkIdentity(app, 'roster', id);
      },
    ],
  ])('%s reads and changes only rows that an index finds', async (_what, work) => {
    const plans = await plansOf(work);
    expect(plans.length).toBeGreaterThan(0);
    expect(plans.filter((step) => !/^SEARCH \w+ USING (COVERING )?INDEX /.test(step))).toEqual([]);
  });
});

const cursor = 'user_01E4ZCR3C56J083X43JQXF3JK5';
const filters: [string, UserFilter, string, string][] = [
  [
    'all users',
    {},
    'SCAN users USING INDEX sqlite_autoindex_users_1',
    'SEARCH users USING INDEX sqlite_autoindex_users_1',
  ],
  [
    'the verified users',
    { emailVerified: true },
    'SEARCH users USING INDEX users_email_verified_id_idx (email_verified=?)',
    'SEARCH users USING INDEX users_email_verified_id_idx (email_verified=? AND',
  ],
  [
    'the users of a time',
    { createdFrom: new Date(0), createdBefore: new Date() },
    'SEARCH users USING INDEX sqlite_autoindex_users_1 (id>? AND id<?)',
    'SEARCH users USING INDEX sqlite_autoindex_users_1 (id>? AND id<?)',
  ],
  [
    'the user with an address',
    { email: 'somebody@example.com' },
    'SEARCH users USING INDEX users_email_canonical_key (email_canonical=?)',
    'SEARCH users USING INDEX users_email_canonical_key (email_canonical=?)',
  ],
  [
    'the user with an external id',
    { externalId: 'known' },
    'SEARCH users USING INDEX users_external_id_key (external_id=?)',
    'SEARCH users USING INDEX users_external_id_key (external_id=?)',
  ],
  [
    'the managed users',
    { managed: true },
    'SEARCH users USING INDEX users_managed_id_idx (managed=?)',
    'SEARCH users USING INDEX users_managed_id_idx (managed=? AND',
  ],
  [
    'the users who have never signed in',
    { neverSignedIn: true },
    'SEARCH users USING INDEX users_last_sign_in_at_idx (<expr>=?)',
    'SEARCH users USING INDEX users_last_sign_in_at_idx (<expr>=? AND',
  ],
];

describe.each(filters)('a page of %s', (_what, filter, firstPage, laterPage) => {
  test.each([
    ['asc', false],
    ['asc', true],
    ['desc', false],
    ['desc', true],
  ] as const)('in the order %s, from the end: %s, starts at its cursor and is not sorted', async (order, fromEnd) => {
    const page = { filter, order, fromEnd, limit: 20 };
    const edge = fromEnd ? 'before' : 'after';
    const [first, ...noMore] = await plansOf(() => listUsers(app, page));
    expect(first).toContain(firstPage);
    const [later, ...noMoreEither] = await plansOf(() => listUsers(app, { ...page, [edge]: cursor }));
    expect(later).toContain(laterPage);
    expect([...noMore, ...noMoreEither]).toEqual([]);
    expect(statements.map(skippedRows)).toEqual([0]);
  });
});

/** Prisma ends every list with `LIMIT ? OFFSET ?`; what counts is that nothing is skipped. */
function skippedRows({ sql, values }: Statement): unknown {
  return /OFFSET \?$/.test(sql.trim()) ? Number(values.at(-1)) : sql.includes('OFFSET') ? sql : 0;
}

test('the identities of a page of users cost one more look-up per user, in one statement and without a scan', async () => {
  const include = { identities: { orderBy: { id: 'asc' } } } as const;
  const plans = await plansOf(() =>
    listUsers(app, { filter: {}, order: 'asc', fromEnd: false, limit: 20 }, { include }),
  );
  expect(statements).toHaveLength(2);
  expect(plans).toContain(identitiesByUser);
  expect(plans.filter((step) => step.startsWith('SCAN identities'))).toEqual([]);
});

test('the metrics read only mails that wait, however many are kept that were sent', async () => {
  const METRICS_PORT = await freePort();
  const metrics = await createMetrics({ HOST: '127.0.0.1', METRICS_PORT }, app.db, app.now);
  await metrics.listen();
  const plans = await plansOf(async () => (await fetch(`http://127.0.0.1:${METRICS_PORT}/metrics`)).text());
  await metrics.close();
  const ofMails = plans.filter((step) => step.includes('mail_messages'));
  expect(ofMails).toEqual(['SEARCH mail_messages USING INDEX mail_messages_due_at_idx (due_at>?)']);
});
