import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AuthenticateWithPassword, CreateUser, DeleteUser, GetUser, LinkIdentity, UpdateUser } from './documents.ts';
import { codesOf, countCodes, type Fleet } from './fleet.ts';
import { holdWrites } from './hold-writes.ts';
import { openReader } from './stored.ts';

const all = <T>(count: number, work: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => work(i)));

/** What must hold when many callers change the same users at once, whatever the database and the number of processes. */
export function testRaces(start: () => Promise<Fleet>): void {
  let fleet: Fleet;
  let serial = 0;

  beforeAll(async () => {
    fleet = await start();
  });
  afterEach(() => fleet.assertHealthy());
  afterAll(() => fleet.dispose());

  const newAddress = (name: string) => `${name}-${++serial}@example.com`;
  const update = (id: string, input: object, expectedVersion?: number) =>
    fleet.ask(UpdateUser, { id, input, expectedVersion });
  const link = (userId: string, idpId: string, email: string | null) =>
    fleet.ask(LinkIdentity, { userId, input: { provider: 'GOOGLE_OAUTH', idpId, email } });
  const makeUser = async (input: object = {}): Promise<{ id: string; email: string }> =>
    (await fleet.succeed(CreateUser, { input: { email: newAddress('racer'), ...input } })).createUser;
  const stored = async (id: string) =>
    (await openReader(fleet.databaseUrl)).user.findUnique({ where: { id }, include: { identities: true } });

  describe('concurrent updates lose nothing', () => {
    test('200 updates of five users, each with a metadata key of its own: every key stands and every one counts', async () => {
      const ids = (await all(5, () => makeUser())).map(({ id }) => id);
      const answers = await all(200, (i) => update(ids[i % 5] as string, { metadata: { [`key${i}`]: `${i}` } }));
      expect(countCodes(answers)).toEqual({ ok: 200 });
      for (const [n, id] of ids.entries()) {
        const keys = Array.from({ length: 40 }, (_, i) => i * 5 + n);
        const user = await stored(id);
        expect(user?.metadata).toEqual(Object.fromEntries(keys.map((i) => [`key${i}`, `${i}`])));
        expect(user?.version).toBe(41);
      }
    });

    test('updates of different fields all stand', async () => {
      const { id } = await makeUser();
      const input = {
        firstName: 'A',
        lastName: 'B',
        name: 'C',
        externalId: `x-${id}`,
        locale: 'de',
        emailVerified: true,
      };
      const answers = await Promise.all(Object.entries(input).map(([field, value]) => update(id, { [field]: value })));
      expect(countCodes(answers)).toEqual({ ok: 6 });
      expect(await stored(id)).toMatchObject({ ...input, version: 7 });
    });

    test('of updates that expect the same version exactly one wins, the others hear VERSION_MISMATCH', async () => {
      const { id } = await makeUser();
      const answers = await all(12, (i) => update(id, { firstName: `${i}` }, 1));
      expect(countCodes(answers)).toEqual({ ok: 1, VERSION_MISMATCH: 11 });
      const winner = codesOf(answers).indexOf(null);
      expect(await stored(id)).toMatchObject({ firstName: `${winner}`, version: 2 });
    });
  });

  describe('of many who want the same, exactly one gets it', () => {
    test.each([
      ['email', 'EMAIL_NOT_AVAILABLE'],
      ['externalId', 'EXTERNAL_ID_ALREADY_USED'],
    ])('%s of existing users: the others hear %s', async (field, code) => {
      const ids = (await all(12, () => makeUser())).map(({ id }) => id);
      const value = newAddress('wanted');
      const answers = await Promise.all(ids.map((id) => update(id, { [field]: value, name: 'wins' })));
      expect(countCodes(answers)).toEqual({ ok: 1, [code]: 11 });
      const users = await Promise.all(ids.map(stored));
      expect(users.map((user) => [user?.[field as 'email'] === value, user?.name, user?.version])).toEqual(
        codesOf(answers).map((refused) => (refused ? [false, null, 1] : [true, 'wins', 2])),
      );
    });

    test.each(['email', 'externalId'])('%s of new users: the others hear USER_CREATION_ERROR', async (field) => {
      const value = newAddress('new');
      const answers = await all(12, () =>
        fleet.ask(CreateUser, { input: { email: newAddress('creator'), [field]: value } }),
      );
      expect(countCodes(answers)).toEqual({ ok: 1, USER_CREATION_ERROR: 11 });
    });

    test('two users who take each other’s address in turn never both have it, and none hears of a fault', async () => {
      const [a, b] = [await makeUser(), await makeUser()];
      const addresses = [newAddress('ping'), newAddress('pong')];
      const answers = await all(40, (i) => update((i % 2 ? a : b).id, { email: addresses[(i >> 1) % 2] }));
      expect(
        Object.keys(countCodes(answers)).filter((code) => code !== 'ok' && code !== 'EMAIL_NOT_AVAILABLE'),
      ).toEqual([]);
      const [first, second] = [await stored(a.id), await stored(b.id)];
      expect(first?.emailCanonical).not.toBe(second?.emailCanonical);
      expect(
        await (await openReader(fleet.databaseUrl)).user.count({ where: { emailCanonical: { in: addresses } } }),
      ).toBeGreaterThan(0);
    });
  });

  describe('an email change', () => {
    test('and links of the old address that wait for it: whoever comes first, no identity is left that does not match', async () => {
      for (let round = 0; round < 4; round += 1) {
        // Verified: an identity of an unverified account's own address would take the others away.
        const { id, email } = await makeUser({ emailVerified: true });
        const changed = newAddress('changed');
        const held = await holdWrites(fleet.databaseUrl, id);
        const change = () => update(id, { email: changed });
        const links = [email, null, changed].map((address, i) => () => link(id, `${id}-${i}`, address));
        const waiting = (round % 2 ? [change, ...links] : [...links, change]).map((send) => send());
        await held.untilWaiting(4, () => fleet.ask(GetUser, { id }));
        await held.release();
        const codes = codesOf(await Promise.all(waiting));
        expect(codes.filter((code) => code !== null && code !== 'VERSION_MISMATCH')).toEqual([]);
        const user = await stored(id);
        expect(user).toMatchObject({ email: changed, emailVerified: false });
        expect(user?.identities.map((identity) => identity.email)).toEqual([changed]);
      }
    });

    test('from A to B and back again: the identities are those of the address that stands', async () => {
      const { id } = await makeUser();
      const [a, b] = [newAddress('side-a'), newAddress('side-b')];
      const answers = await all(20, (i) =>
        i % 4 === 3 ? link(id, `${id}-${i}`, i % 8 === 3 ? a : b) : update(id, { email: i % 2 ? a : b }),
      );
      expect(codesOf(answers).filter((code) => code !== null && code !== 'VERSION_MISMATCH')).toEqual([]);
      const last = await fleet.succeed(UpdateUser, { id, input: { email: newAddress('last') } });
      expect(last.updateUser.identities).toEqual([]);
    });
  });

  test('a deletion racing with updates and links leaves no orphan, and the losers hear ENTITY_NOT_FOUND', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id, email } = await makeUser({ passwordHash: `{SSHA}${'A'.repeat(32)}`, passwordHashType: 'SSHA' });
      const answers = await Promise.all([
        update(id, { firstName: 'X' }),
        link(id, `${id}-1`, email),
        fleet.ask(DeleteUser, { id }),
        update(id, { email: newAddress('deleted') }),
        link(id, `${id}-2`, email),
        fleet.ask(DeleteUser, { id }),
      ]);
      const codes = codesOf(answers);
      expect(codes.filter((code) => ![null, 'ENTITY_NOT_FOUND', 'VERSION_MISMATCH'].includes(code))).toEqual([]);
      expect([codes[2], codes[5]].sort()).toEqual(['ENTITY_NOT_FOUND', null]);
      const reader = await openReader(fleet.databaseUrl);
      expect(await fleet.succeed(GetUser, { id })).toEqual({ user: null });
      expect(await reader.identity.count({ where: { userId: id } })).toBe(0);
      expect(await reader.password.count({ where: { userId: id } })).toBe(0);
    }
  });

  test('a sign-in racing with a change of the password succeeds with the one that stands, and the old one is dead', async () => {
    const [old, fresh] = ['violet-tractor-meadow-91', 'copper-lantern-orchid-47'];
    const { id, email } = await makeUser({ emailVerified: true, password: old });
    const signIn = (password: string) => fleet.ask(AuthenticateWithPassword, { email, password });
    const answers = await Promise.all([signIn(old), update(id, { password: fresh }), signIn(old), signIn(fresh)]);
    expect(codesOf(answers).filter((code) => code !== null && code !== 'INVALID_CREDENTIALS')).toEqual([]);
    expect(codesOf(answers)[1]).toBeNull();
    expect(codesOf([await signIn(fresh), await signIn(old)])).toEqual([null, 'INVALID_CREDENTIALS']);
  });
}
