import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CreateUser, GetUser, LinkIdentity, UpdateUser } from '../support/documents.ts';
import { codesOf, countCodes, type Fleet, startFleetHere } from '../support/fleet.ts';
import { holdWrites } from '../support/hold-writes.ts';
import { hasPgBouncer, startPgBouncer } from '../support/pgbouncer.ts';
import { send } from '../support/server.ts';
import { openReader } from '../support/stored.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

describe.skipIf(!hasPgBouncer())(
  'through PgBouncer in transaction mode, with every setting of both as it comes',
  () => {
    let database: TestDatabase;
    let bouncer: Awaited<ReturnType<typeof startPgBouncer>>;
    let fleet: Fleet;

    beforeAll(async () => {
      database = await createTestDatabase();
      bouncer = await startPgBouncer(database.url);
      fleet = await startFleetHere(2, bouncer.url, { DATABASE_POOL_SIZE: '10' });
    });
    afterAll(async () => {
      fleet.assertHealthy();
      await fleet.dispose();
      await bouncer.stop();
      await database.remove();
    });

    const makeUser = async (n: number): Promise<string> =>
      (await fleet.succeed(CreateUser, { input: { email: `bounced${n}@example.com` } })).createUser.id;

    test('Roster is ready, and its reads and changes work', async () => {
      const id = await makeUser(1);
      for (const { url } of fleet.servers) expect((await send(`${url}/ready`)).status).toBe(200);
      await fleet.succeed(LinkIdentity, {
        userId: id,
        input: { provider: 'X_OAUTH', idpId: '1', email: 'x@example.com' },
      });
      await fleet.succeed(UpdateUser, { id, input: { email: 'bounced@example.com', metadata: { a: '1' } } });
      expect(await fleet.succeed(GetUser, { id })).toMatchObject({
        user: { email: 'bounced@example.com', identities: [] },
      });
    });

    test('of 50 updates at once, each with a key of its own, every one stands', async () => {
      const id = await makeUser(2);
      const update = (i: number) => fleet.ask(UpdateUser, { id, input: { metadata: { [`key${i}`]: `${i}` } } });
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) => [update(i), fleet.ask(GetUser, { id })]).flat(),
      );
      expect(countCodes(answers)).toEqual({ ok: 100 });
      const user = await (await openReader(database.url)).user.findUnique({ where: { id } });
      expect(user?.metadata).toEqual(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key${i}`, `${i}`])));
      expect(user?.version).toBe(51);
    });

    test('of 50 who want one address, one gets it', async () => {
      const ids = await Promise.all(Array.from({ length: 50 }, (_, i) => makeUser(10 + i)));
      const answers = await Promise.all(
        ids.map((id) => fleet.ask(UpdateUser, { id, input: { email: 'one@example.com' } })),
      );
      expect(countCodes(answers)).toEqual({ ok: 1, EMAIL_NOT_AVAILABLE: 49 });
    });

    test('a statement that takes too long is given up by the server, and others that share its connections keep their limits', async () => {
      const id = await makeUser(3);
      const hasty = await startFleetHere(1, bouncer.url, { DATABASE_STATEMENT_TIMEOUT_MS: '300' }, fleet.key);
      const held = await holdWrites(database.url, id);
      const update = (made: Fleet) => made.ask(UpdateUser, { id, input: { name: 'Late' } });
      try {
        expect(codesOf(await Promise.all([update(hasty), update(hasty)]))).toEqual(
          Array(2).fill('SERVICE_UNAVAILABLE'),
        );
        await held.untilWaiting(0, async () => {});
        const patient = update(fleet);
        await held.untilWaiting(1, async () => {});
        expect(codesOf([await update(hasty)])).toEqual(['SERVICE_UNAVAILABLE']);
        await held.release();
        expect(codesOf([await patient])).toEqual([null]);
      } finally {
        await hasty.dispose();
      }
    });
  },
);
