import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoredPassword } from '../../src/passwords/stored-password.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { AuthenticateWithPassword, UpdateUser } from '../support/documents.ts';
import { dump, makeUser, newAddress } from '../support/users.ts';

interface Vector {
  type: string;
  by: string;
  password: string;
  hash: string;
  saltPosition?: 'prefix' | 'suffix';
}
const vectors: Vector[] = JSON.parse(readFileSync(new URL('../passwords/vectors.json', import.meta.url), 'utf8'));
const enumName = (name: string) => name.toUpperCase().replaceAll('-', '_') as never;

let t: TestApp;
beforeAll(async () => {
  // More lanes than any of the vectors has, so that each of them is hashed anew.
  t = await createTestApp({ SIGN_IN_FAILURES_PER_CALLER: '100000', ARGON2_PARALLELISM: '3' });
});
afterAll(() => t.close());

/** Without credentials, so wrong ones count against the network. */
const signIn = (email: string, password: string, app = t) =>
  app.graphql(AuthenticateWithPassword, { email, password }, null);
const stored = (userId: string) => t.app.db.reader.password.findUniqueOrThrow({ where: { userId } });

describe('an imported hash', () => {
  test.each(vectors.map((vector, i) => [`${vector.type} by ${vector.by} (${i})`, vector] as const))(
    '%s signs in with the old password, becomes argon2id, and signs in again',
    async (_name, { type, password, hash, saltPosition }) => {
      const { id, email } = await makeUser(t.app, { emailVerified: true });
      const input = {
        passwordHash: hash,
        passwordHashType: enumName(type),
        ...(saltPosition && { passwordSaltPosition: enumName(saltPosition) }),
      };
      const imported = await t.graphql(UpdateUser, { id, input });
      expect(imported.errors).toBeUndefined();
      expect((await signIn(email, `${password}x`)).errors?.[0]?.extensions.code).toBe('INVALID_CREDENTIALS');
      expect((await stored(id)).hash).toBe(hash);

      const before = imported.data?.updateUser;
      const first = await signIn(email, password);
      expect(first.errors).toBeUndefined();
      expect(first.data?.authenticateWithPassword.user).toMatchObject({
        id,
        version: before?.version,
        updatedAt: before?.updatedAt,
        lastSignInAt: expect.stringMatching(/^\d{4}-.*Z$/),
      });
      expect(await stored(id)).toMatchObject({
        hash: expect.stringMatching(/^\$argon2id\$v=19\$m=4096,t=1,p=3\$/),
        type: 'argon2',
        saltPosition: null,
      });

      const again = await signIn(email.toUpperCase(), password);
      expect(again.data?.authenticateWithPassword.user.id).toBe(id);
      expect((await signIn(email, `${password}x`)).errors?.[0]?.extensions.code).toBe('INVALID_CREDENTIALS');
    },
  );

  test('put into the table by hand beyond its bounds, it matches nothing and costs nothing', async () => {
    const { id, email } = await makeUser(t.app, { emailVerified: true });
    const data = { hash: '$argon2id$v=19$m=8388608,t=1,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA', type: 'argon2' };
    await t.app.db.transaction((tx) =>
      tx.prisma.password.create({ data: { userId: id, changedAt: new Date(), ...data } }),
    );
    expect((await signIn(email, 'anything at all')).errors?.[0]?.extensions.code).toBe('INVALID_CREDENTIALS');
    expect(await stored(id)).toMatchObject(data);
  });
});

describe('a password set here', () => {
  test('is verified as the exact text that was typed: no trimming, no truncation, no normalisation', async () => {
    const password = ` ${'ü long passphrase '.repeat(10)}é `;
    const { email } = await makeUser(t.app, { emailVerified: true, password });
    expect((await signIn(email, password)).errors).toBeUndefined();
    for (const wrong of [password.trim(), password.slice(0, -1), password.normalize('NFD'), password.toUpperCase()]) {
      expect((await signIn(email, wrong)).errors?.[0]?.extensions.code).toBe('INVALID_CREDENTIALS');
    }
  });

  test("is hashed anew when today's cost is higher", async () => {
    const stronger = await createTestApp({ ARGON2_MEMORY_KIB: '20480' });
    const { id, email } = await makeUser(t.app, { emailVerified: true, password: 'a passphrase from before' });
    const password = (await stored(id)) as StoredPassword;
    const copy = await makeUser(stronger.app, { email, emailVerified: true });
    await stronger.app.db.transaction((tx) =>
      tx.prisma.password.create({ data: { ...password, userId: copy.id, changedAt: new Date() } }),
    );
    await signIn(email, 'a passphrase from before', stronger);
    const [row] = (await dump(stronger.app)).passwords;
    expect(row?.hash).toContain('$m=20480,t=2,p=1$');
    await stronger.close();
  });

  test('replaces the one before: the old one no longer signs in', async () => {
    const { id, email } = await makeUser(t.app, { emailVerified: true, password: 'the first passphrase' });
    await t.graphql(UpdateUser, { id, input: { password: 'the second passphrase' } });
    expect((await signIn(email, 'the first passphrase')).errors?.[0]?.extensions.code).toBe('INVALID_CREDENTIALS');
    expect((await signIn(email, 'the second passphrase')).errors).toBeUndefined();
  });
});

describe('a refusal', () => {
  test('is one and the same for a wrong password, an unknown address, no password and no address at all', async () => {
    const wrong = (await makeUser(t.app, { emailVerified: true, password: 'the right passphrase' })).email;
    const without = (await makeUser(t.app, { emailVerified: true })).email;
    const answersTo = (emails: string[]) =>
      Promise.all(
        emails.map(async (email) => {
          const { errors, data } = await signIn(email, 'the wrong passphrase');
          return JSON.stringify({ errors, data }).replaceAll(JSON.stringify(email).slice(1, -1), 'EMAIL');
        }),
      );
    const [answer, ...others] = await answersTo([wrong, without, newAddress()]);
    expect(answer).toContain(`"message":"Invalid credentials for 'EMAIL'."`);
    expect(answer).toContain('"code":"INVALID_CREDENTIALS"');
    expect(others).toEqual([answer, answer]);
    // What is no address is not repeated: it may be the password.
    const withoutAddress = answer?.replace(" for 'EMAIL'", '');
    expect(await answersTo(['no address', 'nul\u0000@example.com'])).toEqual([withoutAddress, withoutAddress]);
  });

  test.each([
    ['BCRYPT', '$2b$04$abcdefghijklmnopqrstuuMpFKqrFU1QvAb/SWxO3XgQ.sCNQxhJi'],
    ['SCRYPT', '$scrypt$v=1$n=2,r=1,p=1,kl=16$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA'],
    ['ARGON2', '$argon2id$v=19$m=4096,t=1,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA'],
    ['SSHA', `{SSHA}${Buffer.from('a digest of 20 bytes and salt').toString('base64')}`],
  ] as const)('of a user with a cheap %s hash costs no less than that of an unknown address', async (type, hash) => {
    const slow = await createTestApp({ ARGON2_MEMORY_KIB: '19456' });
    const { id, email } = await makeUser(slow.app, { emailVerified: true });
    const imported = await slow.graphql(UpdateUser, { id, input: { passwordHash: hash, passwordHashType: type } });
    expect(imported.errors).toBeUndefined();
    // Processor time, of all threads: a neighbour does not change it. Of three times the least, so that no pause counts.
    const leastCpuOf = async (address: string) => {
      const times: number[] = [];
      for (let i = 0; i < 3; i += 1) {
        const before = process.cpuUsage();
        expect((await signIn(address, 'a guess', slow)).errors?.[0]?.extensions.code).toBe('INVALID_CREDENTIALS');
        const { user, system } = process.cpuUsage(before);
        times.push(user + system);
      }
      return Math.min(...times);
    };
    await signIn(newAddress(), 'a guess', slow);
    expect(await leastCpuOf(email)).toBeGreaterThan((await leastCpuOf(newAddress())) / 2);
    await slow.close();
  });

  test('for an unverified address comes only after the right password', async () => {
    const { id, email } = await makeUser(t.app, { password: 'the right passphrase' });
    expect((await signIn(email, 'the wrong passphrase')).errors?.[0]?.extensions.code).toBe('INVALID_CREDENTIALS');
    const before = await dump(t.app);
    const { errors } = await signIn(email, 'the right passphrase');
    expect(errors?.[0]?.extensions.code).toBe('EMAIL_VERIFICATION_REQUIRED');
    expect(await dump(t.app)).toEqual(before);
    expect((await t.app.db.reader.user.findUnique({ where: { id } }))?.lastSignInAt).toBeNull();
  });
});

describe('many attempts', () => {
  test('too many wrong passwords for one address from one network are refused with a time to wait, and other addresses are not', async () => {
    const limited = await createTestApp({ SIGN_IN_FAILURES_PER_ADDRESS: '3' });
    const password = 'the right passphrase';
    const victim = await makeUser(limited.app, { emailVerified: true, password });
    const other = await makeUser(limited.app, { emailVerified: true, password });
    const codes: (string | undefined)[] = [];
    for (let i = 0; i < 6; i += 1) {
      codes.push((await signIn(victim.email, 'guess', limited)).errors?.[0]?.extensions.code);
    }
    expect(codes.slice(0, 4)).toEqual(Array(4).fill('INVALID_CREDENTIALS'));
    expect(codes.slice(4)).toEqual(Array(2).fill('RATE_LIMITED'));
    const refused = await signIn(` ${victim.email.toUpperCase()}`, password, limited);
    expect(refused.errors?.[0]?.extensions).toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterSeconds: expect.any(Number),
    });
    expect(Number(refused.errors?.[0]?.extensions.retryAfterSeconds)).toBeLessThanOrEqual(300);
    expect(refused.response.headers.get('retry-after')).toBe(String(refused.errors?.[0]?.extensions.retryAfterSeconds));
    expect((await signIn(other.email, password, limited)).errors).toBeUndefined();
    await limited.close();
  });

  test('a right password starts the count anew', async () => {
    const limited = await createTestApp({ SIGN_IN_FAILURES_PER_ADDRESS: '3' });
    const { email } = await makeUser(limited.app, { emailVerified: true, password: 'the right passphrase' });
    for (let round = 0; round < 3; round += 1) {
      await signIn(email, 'guess', limited);
      await signIn(email, 'guess', limited);
      expect((await signIn(email, 'the right passphrase', limited)).errors).toBeUndefined();
    }
    await limited.close();
  });

  test('too many from one network are refused, whatever the address', async () => {
    const limited = await createTestApp({ SIGN_IN_FAILURES_PER_CALLER: '3' });
    const codes: (string | undefined)[] = [];
    for (let i = 0; i < 6; i += 1) {
      codes.push((await signIn(newAddress(), 'guess', limited)).errors?.[0]?.extensions.code);
    }
    expect(codes).toContain('RATE_LIMITED');
    await limited.close();
  });

  test('guesses at one address, once refused, do not use up what is for all the others of a network', async () => {
    const limited = await createTestApp({ SIGN_IN_FAILURES_PER_ADDRESS: '1', SIGN_IN_FAILURES_PER_CALLER: '6' });
    const victim = newAddress();
    const answers = await Promise.all(Array.from({ length: 20 }, () => signIn(victim, 'guess', limited)));
    expect(answers.filter(({ errors }) => errors?.[0]?.extensions.code === 'INVALID_CREDENTIALS')).toHaveLength(2);
    const others = await Promise.all(Array.from({ length: 4 }, () => signIn(newAddress(), 'guess', limited)));
    expect(others.map(({ errors }) => errors?.[0]?.extensions.code)).toEqual(Array(4).fill('INVALID_CREDENTIALS'));
    await limited.close();
  });

  test('right passwords earn no wrong ones', async () => {
    const limited = await createTestApp({ SIGN_IN_FAILURES_PER_CALLER: '2' });
    const { email } = await makeUser(limited.app, { emailVerified: true, password: 'the right passphrase' });
    for (let i = 0; i < 3; i += 1) {
      await signIn(email, 'the right passphrase', limited);
      await sleep(1100);
    }
    const answers = await Promise.all(Array.from({ length: 6 }, () => signIn(newAddress(), 'guess', limited)));
    expect(answers.filter(({ errors }) => errors?.[0]?.extensions.code === 'INVALID_CREDENTIALS')).toHaveLength(3);
    await limited.close();
  });

  test('a password that was not checked, because too many were waiting, counts against nobody', async () => {
    const limited = await createTestApp({
      SIGN_IN_FAILURES_PER_ADDRESS: '3',
      SIGN_IN_FAILURES_PER_CALLER: '12',
      PASSWORD_HASH_CONCURRENCY: '1',
      PASSWORD_HASH_QUEUE: '1',
      ARGON2_MEMORY_KIB: '131072', // slow enough that the two hashes below outlast the way of a sign-in to the queue
    });
    const password = 'the right passphrase';
    const { email } = await makeUser(limited.app, { emailVerified: true, password });
    const busy = [limited.app.passwords.hash('one', 'x'), limited.app.passwords.hash('two', 'x')];
    const refused = await Promise.all(Array.from({ length: 3 }, () => signIn(email, password, limited)));
    for (const { errors } of refused) expect(errors?.[0]?.message).toContain('Too many passwords are being processed');
    await Promise.all(busy);
    for (let i = 0; i < 3; i += 1) {
      expect((await signIn(email, 'guess', limited)).errors?.[0]?.extensions.code).toBe('INVALID_CREDENTIALS');
    }
    await limited.close();
  });
});

describe('two at once', () => {
  test('two first sign-ins with one imported hash both succeed', async () => {
    const { id, email } = await makeUser(t.app, { emailVerified: true });
    const vector = vectors.find(({ type }) => type === 'ssha') as Vector;
    const input = { passwordHash: vector.hash, passwordHashType: 'SSHA' as const };
    await t.graphql(UpdateUser, { id, input });
    const answers = await Promise.all([1, 2, 3, 4].map(() => signIn(email, vector.password)));
    expect(answers.map(({ errors }) => errors)).toEqual(Array(4).fill(undefined));
    expect((await stored(id)).type).toBe('argon2');
  });

  test('a sign-in never puts the old password back over one that was changed meanwhile', async () => {
    const vector = vectors.find(({ type }) => type === 'ssha') as Vector;
    for (let round = 0; round < 5; round += 1) {
      const { id, email } = await makeUser(t.app, { emailVerified: true });
      await t.graphql(UpdateUser, { id, input: { passwordHash: vector.hash, passwordHashType: 'SSHA' } });
      const change = t.graphql(UpdateUser, { id, input: { password: 'a passphrase set meanwhile' } });
      await Promise.all([signIn(email, vector.password), signIn(email, vector.password), change]);
      expect((await signIn(email, 'a passphrase set meanwhile')).errors).toBeUndefined();
      expect((await signIn(email, vector.password)).errors?.[0]?.extensions.code).toBe('INVALID_CREDENTIALS');
    }
  });
});

describe('under load', () => {
  test('beyond the queue a password is refused at once with a time to wait; the others are answered, and reads go on', async () => {
    const small = await createTestApp({ PASSWORD_HASH_CONCURRENCY: '1', PASSWORD_HASH_QUEUE: '4' });
    const { id, email } = await makeUser(small.app, { emailVerified: true, password: 'the right passphrase' });
    const passwords = Promise.all(
      Array.from({ length: 20 }, () =>
        small.graphql(UpdateUser, { id, input: { password: 'a passphrase under load' } }),
      ),
    );
    const reads = await Promise.all(
      Array.from({ length: 20 }, () =>
        small.graphql<{ user: { email: string } }, object>(`{ user(id: "${id}") { email } }`),
      ),
    );
    expect(reads.every(({ data }) => data?.user.email === email)).toBe(true);
    const refused = (await passwords).filter(({ errors }) => errors);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(15);
    for (const { errors } of refused) {
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) });
    }
    expect((await signIn(email, 'a passphrase under load', small)).errors).toBeUndefined();
    await small.close();
  });
});

describe('a breach check', () => {
  test('that cannot be reached lets the password pass, warns and counts', async () => {
    const unreachable = await createTestApp({ PASSWORD_BREACH_CHECK_URL: 'http://127.0.0.1:9/range' });
    await makeUser(unreachable.app, { password: 'an unusual passphrase' });
    expect(unreachable.app.passwords.breachCheckFailures()).toBe(1);
    expect(unreachable.logged()).toContain('the breach check failed');
    expect(unreachable.logged()).not.toContain('an unusual passphrase');
    await unreachable.close();
  });
});
