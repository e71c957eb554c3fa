import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanUpCodes } from '../../src/codes/cleanup.ts';
import { createCode, createToken, type RequestedBy } from '../../src/codes/create.ts';
import { findShown } from '../../src/codes/find.ts';
import { guessCode } from '../../src/codes/guess.ts';
import { setOf } from '../../src/codes/live.ts';
import type { TypedPurpose } from '../../src/codes/purposes.ts';
import { findToken, useCode } from '../../src/codes/use.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { anybody, expireCodes, otherThan } from '../support/codes.ts';
import { makeUser, newAddress } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp();
});
afterAll(() => t.close());

/** A user, or nobody, as the holder of codes. Each guesses from a network of their own. */
async function newHolder(isDecoy = false) {
  const { id, email, emailCanonical } = await makeUser(t.app);
  return isDecoy
    ? { userId: null, email: `no${email}`, emailCanonical: `no${emailCanonical}` }
    : { userId: id, email, emailCanonical };
}
type Holder = Awaited<ReturnType<typeof newHolder>>;

const make = (holder: Holder, purpose: TypedPurpose = 'magic_auth', by: RequestedBy = anybody) =>
  t.app.db.transaction(async (tx) => {
    await tx.statements.lock([holder.userId ?? '']);
    return createCode(t.app, tx, purpose, holder, by);
  });

const guess = async (holder: Holder, code: string, network: string | null = '192.0.2.1') => {
  const attempt = { subject: holder.userId ?? holder.emailCanonical, network, apiKeyId: null, isProven: false };
  const set = setOf('magic_auth', holder);
  return guessCode(t.app, { set, code, attempt, address: holder.emailCanonical });
};
const kindOf = async (...given: Parameters<typeof guess>) => (await guess(...given)).kind;

/** Guesses, and uses the code where it was right. */
async function enter(holder: Holder, code: string, network?: string) {
  const verdict = await guess(holder, code, network);
  if (verdict.kind !== 'right') return verdict.kind;
  const isUsed = await t.app.db.transaction(async (tx) => {
    await tx.statements.lock([holder.userId ?? '']);
    return useCode(t.app, tx, verdict.row);
  });
  return isUsed ? 'in' : 'late';
}

const rowsOf = ({ emailCanonical }: Holder) =>
  t.app.db.reader.oneTimeCode.findMany({ where: { emailCanonical }, orderBy: { id: 'asc' } });

describe('a code', () => {
  test('has six digits, also where they begin with zeros, and is not stored', async () => {
    const codes = new Set<string>();
    for (let i = 0; i < 30; i += 1) {
      const holder = await newHolder();
      const { row, secret } = await make(holder);
      codes.add(secret);
      expect(secret).toMatch(/^\d{6}$/);
      expect(JSON.stringify(row)).not.toContain(secret);
      expect(row.id).toMatch(/^magic_auth_[0-9A-Z]{26}$/);
      expect(Math.abs(row.expiresAt.getTime() - row.createdAt.getTime() - 600_000)).toBeLessThan(1000);
    }
    expect(codes.size).toBeGreaterThan(28);
  });

  test('counts once, as it is typed by people', async () => {
    const holder = await newHolder();
    const { secret } = await make(holder);
    const typed = ` ${secret.slice(0, 3)}–${secret.slice(3)} `;
    expect(await enter(holder, typed)).toBe('in');
    expect(await enter(holder, secret)).toBe('used');
    expect(await enter(holder, otherThan(secret))).toBe('over');
  });

  test('is shown where it is to be, until it is used, ended or has expired, and then is erased', async () => {
    const holder = await newHolder();
    const [a, b] = [await make(holder), await make(holder)];
    const shown = (id: string) => findShown(t.app, 'magic_auth', id);
    expect((await shown(a.row.id))?.secret).toBe(a.secret);
    expect(await findShown(t.app, 'email_verification', a.row.id)).toBeNull();
    expect(await shown('magic_auth_\u0000')).toBeNull();
    expect(await enter(holder, a.secret)).toBe('in');
    expect([await shown(a.row.id), await shown(b.row.id)]).toEqual([null, null]);
    const c = await make(holder);
    await expireCodes(t, holder);
    expect(await shown(c.row.id)).toBeNull();
    await cleanUpCodes(t.app, new AbortController().signal);
    expect((await rowsOf(holder)).map(({ sealed }) => sealed)).toEqual([null, null, null]);
    const change = await make(holder, 'email_change');
    expect(change.row.sealed).toBeNull();
  });

  test('of another user, purpose or address, or of before its end, does not count', async () => {
    const [holder, other] = [await newHolder(), await newHolder()];
    const { secret } = await make(other);
    const { secret: verification } = await make(holder, 'email_verification');
    expect(await kindOf(holder, secret)).toBe('none');
    await make(holder);
    expect(await kindOf(holder, secret)).toBe('wrong');
    expect(await kindOf(holder, verification)).toBe('wrong');
    const old = await make(holder);
    await expireCodes(t, holder);
    expect(await kindOf(holder, old.secret)).toBe('expired');
  });
});

describe.each([
  ['of a user', false],
  ['of an address that nobody has', true],
])('codes %s', (_whose, isDecoy) => {
  test('that were never given out, are wrong, were tried too often and have expired answer so', async () => {
    const holder = await newHolder(isDecoy);
    expect(await kindOf(holder, '123456')).toBe('none');
    const { secret } = await make(holder);
    for (let i = 0; i < 5; i += 1) expect(await kindOf(holder, otherThan(secret))).toBe('wrong');
    expect(await kindOf(holder, otherThan(secret))).toBe('exhausted');
    await expireCodes(t, holder);
    expect(await kindOf(holder, otherThan(secret))).toBe('over');
    expect(await kindOf(holder, secret)).toBe('expired');
  });
});

describe('of codes that are live together', () => {
  test('three count, and a fourth ends the oldest', async () => {
    const holder = await newHolder();
    const [a, b, c] = [await make(holder), await make(holder), await make(holder)];
    expect(await kindOf(holder, a.secret)).toBe('right');
    expect(await kindOf(holder, b.secret)).toBe('right');
    await make(holder);
    expect((await rowsOf(holder)).map(({ endedAt }) => endedAt !== null)).toEqual([true, false, false, false]);
    if (a.secret !== c.secret) expect(await kindOf(holder, a.secret)).toBe('wrong');
    expect(await enter(holder, c.secret)).toBe('in');
    expect((await rowsOf(holder)).every(({ usedAt, endedAt }) => usedAt ?? endedAt)).toBe(true);
  });

  test('all share one count of attempts, which a new code goes on with; after the fifth it begins anew', async () => {
    const holder = await newHolder();
    const first = await make(holder);
    for (let i = 0; i < 3; i += 1) expect(await kindOf(holder, 'wrong!')).toBe('wrong');
    const second = await make(holder);
    expect(second.row.attempts).toBe(3);
    for (let i = 0; i < 2; i += 1) expect(await kindOf(holder, 'wrong!')).toBe('wrong');
    expect(await kindOf(holder, first.secret)).toBe('exhausted');
    expect(await kindOf(holder, second.secret)).toBe('exhausted');
    const third = await make(holder);
    expect(third.row.attempts).toBe(0);
    expect(await enter(holder, third.secret)).toBe('in');
  });

  test.each([1, 3])('at most five of fifty guesses at once are compared, of %i live', async (live) => {
    const holder = await newHolder();
    for (let i = 0; i < live; i += 1) await make(holder);
    const guesses = Array.from({ length: 50 }, (_, i) => kindOf(holder, 'wrong!', `198.51.100.${i}`));
    const kinds = await Promise.all(guesses);
    expect(kinds.filter((kind) => kind === 'wrong')).toHaveLength(5);
    expect(kinds.filter((kind) => kind === 'exhausted')).toHaveLength(45);
    expect((await rowsOf(holder)).map(({ attempts }) => attempts)).toEqual(Array(live).fill(5));
  });

  test('of fifty who come with the right one at once, one is in', async () => {
    const holder = await newHolder();
    const { secret } = await make(holder);
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, i) => enter(holder, secret, `198.51.100.${i}`)));
    expect(outcomes.filter((outcome) => outcome === 'in')).toHaveLength(1);
  });
});

describe('tries of a code that was asked for from a network', () => {
  const by = (id: string) => ({ requester: 'stranger', id }) as const;

  test('are counted there by themselves, and elsewhere together', async () => {
    const holder = await newHolder();
    const { secret } = await make(holder, 'magic_auth', by('192.0.2.1'));
    const guesses = Array.from({ length: 50 }, (_, i) => kindOf(holder, 'wrong!', `198.51.100.${i}`));
    expect((await Promise.all(guesses)).filter((kind) => kind === 'wrong')).toHaveLength(5);
    const own = Array.from({ length: 8 }, () => kindOf(holder, 'wrong!'));
    expect((await Promise.all(own)).filter((kind) => kind === 'wrong')).toHaveLength(5);
    expect(await kindOf(holder, secret)).toBe('exhausted');
    expect((await rowsOf(holder)).map(({ attempts, ownAttempts }) => [attempts, ownAttempts])).toEqual([[5, 5]]);
  });

  test('go on with the next code that is asked for there, and not with one that is asked for elsewhere', async () => {
    const holder = await newHolder();
    await make(holder, 'magic_auth', by('192.0.2.1'));
    for (let i = 0; i < 3; i += 1) await kindOf(holder, 'wrong!');
    const [same, other] = [
      await make(holder, 'magic_auth', by('192.0.2.1')),
      await make(holder, 'magic_auth', by('x')),
    ];
    expect([same.row.ownAttempts, other.row.ownAttempts]).toEqual([3, 0]);
  });

  test('of a fourth code end the oldest that strangers asked for, before those of a backend and of the user', async () => {
    const holder = await newHolder();
    const own = await make(holder, 'magic_auth', { requester: 'owner', id: 'a' });
    const backends = await make(holder, 'magic_auth', { requester: 'backend', id: 'b' });
    for (let i = 0; i < 5; i += 1) await make(holder, 'magic_auth', by(`198.51.100.${i}`));
    expect(await kindOf(holder, backends.secret)).toBe('right');
    expect(await kindOf(holder, own.secret)).toBe('right');
    expect((await rowsOf(holder)).filter(({ endedAt }) => endedAt === null)).toHaveLength(3);
  });
});

describe('wrong codes of one user', () => {
  /** The answers to so many guesses, with a new code whenever the tries of one are over. */
  async function guessOften(holder: Holder, count: number, networkOf: (i: number) => string): Promise<string[]> {
    const answers: string[] = [];
    for (let i = 0; i < count; i += 1) {
      const answer = () => kindOf(holder, 'wrong!', networkOf(i)).catch(({ code }) => code as string);
      if (answers.filter((given) => given === 'wrong').length % 5 === 0) await make(holder);
      answers.push(await answer());
    }
    return answers;
  }

  test('are ten an hour from one network, however many codes were sent meanwhile', async () => {
    const holder = await newHolder();
    const answers = await guessOften(holder, 12, () => '203.0.113.1');
    expect(answers).toEqual([...Array(10).fill('wrong'), 'rate_limited', 'rate_limited']);
    expect(await kindOf(holder, 'wrong!', '203.0.113.2')).toBe('wrong');
  });

  test('are eighty a day from all networks that have not signed in as them, who go on, and a hundred with whoever is', async () => {
    const holder = await newHolder();
    const now = new Date();
    const session = { id: `session_of_${holder.userId}`, authMethod: 'password', ipAddress: '203.0.113.77' };
    const times = { createdAt: now, updatedAt: now, expiresAt: now };
    const data = { ...session, userId: holder.userId as string, ...times };
    await t.app.db.transaction((tx) => tx.prisma.session.create({ data }));
    const answers = await guessOften(holder, 81, (i) => `198.18.${i}.1`);
    expect(answers).toEqual([...Array(80).fill('wrong'), 'rate_limited']);
    for (let i = 0; i < 21; i += 1) {
      if (i % 5 === 0) await make(holder);
      const attempt = { subject: holder.userId ?? '', network: `198.19.${i}.1`, apiKeyId: null, isProven: true };
      const given = { set: setOf('magic_auth', holder), code: 'wrong!', attempt, address: holder.emailCanonical };
      const answer = await guessCode(t.app, given).then(
        ({ kind }) => kind,
        ({ code }) => code,
      );
      expect(answer).toBe(i < 20 ? 'wrong' : 'rate_limited');
    }
    const { secret } = await make(holder);
    expect(await kindOf(holder, secret, '203.0.113.77')).toBe('right');
  });

  test('are forgiven by a right one', async () => {
    const holder = await newHolder();
    await guessOften(holder, 9, () => '203.0.113.5');
    expect(await kindOf(holder, (await make(holder)).secret, '203.0.113.5')).toBe('right');
    expect(await guessOften(holder, 5, () => '203.0.113.5')).not.toContain('rate_limited');
  });

  test('count only while there is something to guess', async () => {
    const holder = await newHolder();
    for (let i = 0; i < 12; i += 1) expect(await kindOf(holder, 'wrong!', '203.0.113.6')).toBe('none');
  });
});

describe('a token', () => {
  test('is 256 random bits, found only as a whole, and counts once', async () => {
    const holder = await newHolder();
    const { row, secret } = await t.app.db.transaction((tx) =>
      createToken(t.app, tx, 'pending_authentication', holder),
    );
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(JSON.stringify(row)).not.toContain(secret);
    const find = (purpose: 'pending_authentication' | 'password_reset', token: string) =>
      t.app.db.transaction((tx) => findToken(t.app, tx, purpose, token));
    expect((await find('pending_authentication', secret))?.id).toBe(row.id);
    expect(await find('password_reset', secret)).toBeNull();
    expect(await find('pending_authentication', secret.slice(1))).toBeNull();
    expect(await t.app.db.transaction((tx) => useCode(t.app, tx, row))).toBe(true);
    expect(await t.app.db.transaction((tx) => useCode(t.app, tx, row))).toBe(false);
    expect(await find('pending_authentication', secret)).toBeNull();
  });
});

test('a code that verifies an address may be good for a day', async () => {
  const given = await createTestApp({ EMAIL_VERIFICATION_CODE_MINUTES: '1440' });
  const { id, email, emailCanonical } = await makeUser(given.app, { email: newAddress() });
  const holder = { userId: id, email, emailCanonical };
  const { row } = await given.app.db.transaction((tx) =>
    createCode(given.app, tx, 'email_verification', holder, anybody),
  );
  expect(row.expiresAt.getTime() - row.createdAt.getTime()).toBeGreaterThan(86_000_000);
  await given.close();
});

test('the cleanup removes what expired a day ago', async () => {
  const holder = await newHolder();
  await make(holder);
  await make(holder);
  await expireCodes(t, holder, 25 * 3_600_000);
  const { secret } = await make(holder);
  await cleanUpCodes(t.app, new AbortController().signal);
  expect(await rowsOf(holder)).toHaveLength(1);
  expect(await kindOf(holder, secret)).toBe('right');
});
