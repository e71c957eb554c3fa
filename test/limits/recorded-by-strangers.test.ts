import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../scripts/postgresql-server.ts';
import { startServer } from '../../src/create-app.ts';
import type { Principal } from '../../src/principal/principal.ts';
import { describeClient } from '../../src/sessions/client-metadata.ts';
import { authenticateWithPassword } from '../../src/users/sign-in.ts';
import { updateUser } from '../../src/users/update.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { makeUser, newAddress } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp({ SIGN_IN_FAILURES_PER_ADDRESS_FROM_STRANGERS: '1000' });
});
afterAll(() => t.close());

const guess = (app: TestApp['app'], email: string, network: string, principal?: Principal) =>
  authenticateWithPassword(
    app,
    principal ?? { kind: 'anonymous', id: network },
    { email, password: 'a guess' },
    describeClient(principal ? null : network, null),
  ).then(
    () => 'in',
    ({ code }) => code as string,
  );
const countRefusals = (app = t.app) =>
  app.db.reader.event.count({ where: { type: 'authentication.password_failed' } }).then(async (numbered) => {
    const waiting = await app.db.reader.unnumberedEvent.count();
    return numbered + waiting;
  });

async function recordedBy(work: () => Promise<unknown>): Promise<number> {
  const before = await countRefusals();
  await work();
  return (await countRefusals()) - before;
}

describe('of refused sign-ins are recorded in an hour', () => {
  test('sixty from one network, at whatever addresses, and all are refused alike', async () => {
    const answers = new Set<string>();
    const recorded = await recordedBy(async () => {
      for (let i = 0; i < 90; i += 1) answers.add(await guess(t.app, newAddress(), '203.0.113.1'));
    });
    expect(recorded).toBe(60);
    expect([...answers]).toEqual(['invalid_credentials']);
  });

  test.each([
    ['that a user has', async () => (await makeUser(t.app)).email],
    ['that nobody has', async () => newAddress()],
  ])('twenty of one address %s, from however many networks', async (_whose, make) => {
    const email = await make();
    const recorded = await recordedBy(async () => {
      for (let i = 0; i < 40; i += 1) await guess(t.app, email, `198.51.100.${i}`);
    });
    expect(recorded).toBe(20);
  });

  test('those through a backend that does not say from where, beyond sixty', async () => {
    const key: Principal = { kind: 'api-key', id: 'key_1', name: 'backend', scopes: [] };
    const recorded = await recordedBy(async () => {
      for (let i = 0; i < 70; i += 1) await guess(t.app, newAddress(), '', key);
    });
    expect(recorded).toBe(70);
  });
});

test('what is not recorded is counted', async () => {
  const port = await freePort();
  const counting = await createTestApp({ METRICS_PORT: String(port), PORT: '0' });
  const server = await startServer(counting.app);
  onTestFinished(() => server.stop());
  const email = newAddress();
  for (let i = 0; i < 23; i += 1) await guess(counting.app, email, `198.51.100.${i}`);
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(text).toMatch(/^roster_refusals_unrecorded_total\{type="authentication.password_failed"\} 3/m);
});

test('a session updates its user 300 times in ten minutes, all sessions 900 times, and a backend goes on', async () => {
  const { id } = await makeUser(t.app);
  const by = (sessionId: string): Principal => ({ kind: 'user', userId: id, sessionId, network: '192.0.2.1' });
  const update = (sessionId: string) =>
    updateUser(t.app, by(sessionId), id, {}).then(
      () => 'done',
      ({ code }) => code as string,
    );
  const counts: Record<string, number> = {};
  for (const sessionId of ['stolen', 'a', 'b', 'c']) {
    for (let i = 0; i < 310; i += 1)
      if ((await update(sessionId)) === 'done') counts[sessionId] = (counts[sessionId] ?? 0) + 1;
  }
  expect(counts).toEqual({ stolen: 300, a: 300, b: 300 });
  expect(await update('c')).toBe('rate_limited');
  await expect(updateUser(t.app, 'roster', id, { name: 'Ada' })).resolves.toMatchObject({ name: 'Ada' });
});
