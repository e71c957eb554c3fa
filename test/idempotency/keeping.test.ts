import { expect, onTestFinished, test } from 'vitest';
import { startServer } from '../../src/create-app.ts';
import { databaseOptions } from '../../src/db/database-options.ts';
import { resealColumn } from '../../src/db/reseal.ts';
import { sealedColumns } from '../../src/db/sealed-columns.ts';
import { eraseAnswersOf, removeExpiredAnswers } from '../../src/idempotency/removal.ts';
import { createSecrets } from '../../src/secrets/secrets.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { at } from '../support/clock.ts';
import { readEvents } from '../support/events.ts';
import { runJob } from '../support/jobs.ts';
import { ask, type KeyedCall, operation } from '../support/keyed.ts';
import { planOf } from '../support/plans.ts';
import { openRecorded, type Statement } from '../support/recording.ts';
import { testProvider } from '../support/test-database.ts';
import { makeUser, newAddress } from '../support/users.ts';
import { freePort } from '../support/wait.ts';

async function open(settings: Record<string, string> = {}): Promise<TestApp> {
  const t = await createTestApp(settings);
  onTestFinished(t.close);
  return t;
}

const create = (email = newAddress()): KeyedCall => ({
  method: 'POST',
  path: '/user_management/users',
  body: { email, first_name: 'Ada Lovelace' },
});
const put = (id: string, body: object): KeyedCall => ({ method: 'PUT', path: `/user_management/users/${id}`, body });
const rowsOf = ({ app }: TestApp) => app.db.reader.idempotentRequest.findMany({ orderBy: { createdAt: 'asc' } });

test('what is stored says nothing of who, what and with which key to whoever has no secret', async () => {
  const t = await open();
  const email = newAddress();
  await ask(t, 'order 4711', { ...create(email), body: { email, password: 'wkqzvxmrhtbj' } });
  const [row] = await rowsOf(t);
  const plain = Buffer.from(row?.sealedAnswer ?? '', 'base64url').toString('latin1');
  for (const secret of [email, 'wkqzvxmrhtbj', '4711']) expect(plain + JSON.stringify(row)).not.toContain(secret);
  expect(t.logged()).not.toContain('4711');
});

test('a job removes what has expired, and nothing else', async () => {
  const t = await open();
  await ask(t, `retry-${'0'.repeat(64)}`, create());
  for (let i = 0; i < 5; i += 1) await ask(t, `lasting ${i}`, create());
  const later = new Date(Date.now() + 61_000);
  expect(await removeExpiredAnswers(t.app.db, later, AbortSignal.timeout(60_000))).toBe(1);
  expect(await rowsOf(t)).toHaveLength(5);
  await at(t, new Date(Date.now() + 25 * 3_600_000), () => runJob(t, 'idempotency.cleanup'));
  expect(await rowsOf(t)).toHaveLength(0);
});

test('the erasure of a user erases what was answered about them, and not that it was done', async () => {
  const t = await open();
  const email = newAddress();
  const { id } = (await ask(t, 'create', create(email))).body;
  const { id: other } = await makeUser(t.app);
  await ask(t, 'rename', put(id, { first_name: 'Bea' }));
  await ask(t, 'other', put(other, { first_name: 'Bea' }));
  const list = (ids: string[]) =>
    operation('mutation ($updates: [UpdateUsersItem!]!) { updateUsers(updates: $updates) { updated } }', {
      updates: ids.map((one) => ({ id: one, input: { lastName: 'Ada' } })),
    });
  const { id: third } = await makeUser(t.app);
  await ask(t, 'many', list([id, other]));
  await ask(t, 'many others', list([other, third]));
  const deletion: KeyedCall = { method: 'DELETE', path: `/user_management/users/${id}?erase=true` };
  await at(t, new Date(Date.now() + 1000), async () => {
    expect((await ask(t, 'delete', deletion)).status).toBe(204);
    await readEvents(t.app); // so that all have their positions
    await t.app.jobs.runDue();
  });
  const answersOf = async (key: string, call: KeyedCall) => {
    const { status, replayed, body } = await ask(t, key, call);
    return [status, replayed, body?.code ?? body?.errors?.[0].extensions.code];
  };
  const gone = 'idempotency_answer_not_kept';
  expect(await answersOf('create', create(email))).toEqual([409, false, gone]);
  expect(await answersOf('rename', put(id, { first_name: 'Bea' }))).toEqual([409, false, gone]);
  expect(await answersOf('many', list([id, other]))).toEqual([200, false, gone.toUpperCase()]);
  expect(await answersOf('other', put(other, { first_name: 'Bea' }))).toEqual([200, true, undefined]);
  expect(await answersOf('many others', list([other, third]))).toEqual([200, true, undefined]);
  expect(await answersOf('delete', deletion)).toEqual([204, true, undefined]);
  expect(await t.app.db.reader.user.count({ where: { id } })).toBe(0);
});

test('after the secret was exchanged it is answered again', async () => {
  const t = await open({ SIGNING_KEY_SECRET: 'the former secret, 32 characters' });
  const call = create();
  const first = await ask(t, 'key', call);
  const to = createSecrets('the next secret, of 32 characters');
  const column = sealedColumns.find(({ model }) => model === 'idempotentRequest');
  if (!column) throw new Error('It is not sealed anew.');
  const counts = await resealColumn(t.app.db, column, { from: t.app.secrets, to });
  expect(counts).toEqual({ resealed: 1, wereAlready: 0, unreadable: 0 });
  // The former one cannot open it: it is not carried out again either.
  expect((await ask(t, 'key', call)).body.code).toBe('idempotency_answer_not_kept');
  await resealColumn(t.app.db, column, { from: to, to: t.app.secrets });
  expect(await ask(t, 'key', call)).toMatchObject({ text: first.text, replayed: true });
});

test('the metrics count requests with a key by what became of them', async () => {
  const port = await freePort();
  const t = await open({ METRICS_PORT: String(port), PORT: '0' });
  const server = await startServer(t.app);
  onTestFinished(() => server.stop());
  const call = create();
  await ask(t, null, create());
  await ask(t, 'key', call);
  await ask(t, 'key', call);
  await ask(t, 'key', call);
  await ask(t, 'key', create());
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const counted = [...text.matchAll(/^roster_idempotency_total\{outcome="(\w+)"\} (\d+)/gm)].map(([, outcome, n]) => [
    outcome,
    n,
  ]);
  expect(Object.fromEntries(counted)).toEqual({ fresh: '1', replayed: '2', mismatch: '1' });
});

test('every statement about it finds its rows by an index, and without a key there is none', async () => {
  const t = await open();
  const url = t.app.config.DATABASE_URL;
  const statements: Statement[] = [];
  const db = await openRecorded(databaseOptions(t.app.config), (statement) => {
    if (statement.sql.includes('idempotent_requests')) statements.push(statement);
  });
  onTestFinished(() => db.close());
  const own = t.app.db;
  Object.assign(t.app, { db });
  onTestFinished(() => void Object.assign(t.app, { db: own }));
  const { id } = (await ask(t, null, create())).body;
  await ask(t, null, put(id, { first_name: 'Bea' }));
  await ask(t, null, operation(`mutation { updateUser(id: "${id}", input: { firstName: "Cleo" }) { version } }`));
  expect(statements).toEqual([]);

  for (let i = 0; i < 2; i += 1) await ask(t, 'key', put(id, { first_name: 'Dora' }));
  await removeExpiredAnswers(db, new Date(Date.now() + 86_400_001), AbortSignal.timeout(60_000));
  const erased = { userId: id, deletedAt: new Date(Date.now() + 1000) };
  await eraseAnswersOf({ db, secrets: t.app.secrets }, erased, AbortSignal.timeout(60_000));
  expect(statements.length).toBeGreaterThan(4);
  if (testProvider !== 'sqlite') return; // PostgreSQL plans by how many rows there are: these few it reads as they are
  for (const statement of statements) {
    const scans = (await planOf(url, statement)).filter((step) => step.startsWith('SCAN idempotent_requests'));
    expect(scans, statement.sql).toEqual([]);
  }
});
