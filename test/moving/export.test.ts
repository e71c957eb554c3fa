import { createHash } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCommand } from '../../src/commands/program.ts';
import { auth0 } from '../../src/moving/export/auth0.ts';
import { temporaryFolder, userRow } from '../support/database.ts';
import { fillStore, ids, newStore } from '../support/moving.ts';
import { forEachOwn, ownFields, sampleOf } from '../support/own-fields.ts';
import { recordingTerminal } from '../support/processes.ts';

const hash = '$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy';
const at = '2026-01-15T12:00:00.000Z';
const later = '2026-02-01T08:30:00.250Z';

const ada = {
  id: ids[0],
  email: 'Ada@example.com',
  emailVerified: true,
  firstName: 'Ada',
  lastName: 'Lovelace, "Countess"',
  name: ' Ada\u2028Ü 🙂',
  profilePictureUrl: 'https://example.com/ada.png',
  externalId: 'auth0|65f1',
  metadata: { a: '', longer: 'x', plan: 'pro' },
  locale: 'en-GB',
  managed: true,
  lastSignInAt: later,
  createdAt: at,
  updatedAt: later,
  userVersion: 7,
  identities: [
    {
      id: 'identity_01KEZ0000000000000000000A0',
      provider: 'GoogleOAuth',
      idpId: '1090',
      email: 'Ada@example.com',
      createdAt: at,
      updatedAt: later,
    },
    {
      id: 'identity_01KEZ0000000000000000000A1',
      provider: 'XOAuth',
      idpId: '1091',
      email: null,
      createdAt: at,
      updatedAt: later,
    },
  ],
};

describe('roster export', () => {
  test('writes a line for each user with all that there is, and at the end how many and their checksum', async () => {
    const store = await newStore();
    await fillStore(store);
    const { code, stdout, stderr } = await store.run('export');
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'Exported 2 users, 2 identities and 1 password.\n' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    const [head, first, second, tail] = lines as [string, string, string, string];
    expect(JSON.parse(head)).toEqual({ format: 'roster-users', version: 1, exportedAt: expect.stringMatching(/Z$/) });
    const password = { hash, type: 'bcrypt', saltPosition: null, origin: 'imported', changedAt: later };
    const told = { ...ada, password };
    expect(JSON.parse(first)).toEqual({ ...told, ...forEachOwn(sampleOf) });
    expect(first).toBe(JSON.stringify(JSON.parse(first)));
    expect(Object.keys(JSON.parse(first)).filter((name) => !ownFields.includes(name))).toEqual(Object.keys(told));
    expect(JSON.parse(second)).toMatchObject({ id: ids[1], userVersion: 1, identities: [], metadata: {} });
    expect(second).not.toContain('password');
    const sha256 = createHash('sha256').update(`${first}\n${second}\n`).digest('hex');
    expect(JSON.parse(tail)).toEqual({ users: 2, identities: 2, passwords: 1, sha256 });
  });

  test('--without-passwords has no hash in it', async () => {
    const store = await newStore();
    await fillStore(store);
    for (const format of ['roster', 'workos-csv', 'auth0']) {
      const { code, stdout, stderr } = await store.run('export', '--without-passwords', '--format', format);
      expect({ code, stderr }).toEqual({ code: 0, stderr: 'Exported 2 users, 2 identities and 0 passwords.\n' });
      expect(stdout).toContain('Ada@example.com');
      expect(stdout).not.toContain('$2y$');
    }
  });

  test('writes what the importer of WorkOS reads', async () => {
    const store = await newStore();
    await fillStore(store);
    expect((await store.run('export', '--format', 'workos-csv')).stdout).toBe(
      'email,password,password_hash,password_hash_type,first_name,last_name,email_verified,external_id,metadata,org_id,org_external_id,org_name,role_slugs\n' +
        `Ada@example.com,,${hash},bcrypt,Ada,"Lovelace, ""Countess""",true,auth0|65f1,"{""a"":"""",""longer"":""x"",""plan"":""pro""}",,,,\n` +
        `${ids[1]}@example.com,,,,,,false,,,,,,\n`,
    );
  });

  test('writes what the import of Auth0 reads', async () => {
    const store = await newStore();
    await fillStore(store);
    const { stdout } = await store.run('export', '--format', 'auth0');
    expect(stdout.split('\n')).toHaveLength(5);
    expect(JSON.parse(stdout)).toEqual([
      {
        user_id: ids[0],
        email: 'Ada@example.com',
        email_verified: true,
        given_name: 'Ada',
        family_name: 'Lovelace, "Countess"',
        name: ' Ada\u2028Ü 🙂',
        picture: 'https://example.com/ada.png',
        user_metadata: { a: '', longer: 'x', plan: 'pro' },
        app_metadata: { external_id: 'auth0|65f1', locale: 'en-GB' },
        custom_password_hash: { algorithm: 'bcrypt', hash: { value: `$2b${hash.slice(3)}` } },
      },
      { user_id: ids[1], email: `${ids[1]}@example.com`, email_verified: false, user_metadata: {}, app_metadata: {} },
    ]);
  });

  test('a hash that is wrapped leaves in the format of its own alone, and comes back as it was', async () => {
    const [from, to, folder] = [await newStore(), await newStore(), temporaryFolder()];
    const [weak, exported] = [join(folder, 'weak.csv'), join(folder, 'users.jsonl')];
    writeFileSync(weak, 'email,password_hash\na@example.com,{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\nb@example.com,\n');
    expect(await from.run('import', weak, '--from', 'csv')).toMatchObject({ code: 0 });
    for (const format of ['workos-csv', 'auth0']) {
      const { stdout, stderr } = await from.run('export', '--format', format);
      expect(stdout).toContain('a@example.com');
      expect(stdout).not.toMatch(/wrapped|W6ph5Mm5/);
      expect(stderr).toMatch(/ 0 passwords\.\nWithout 1 password: /);
    }
    const usersOf = async (store: typeof from) => (await store.run('export')).stdout.split('\n').slice(1);
    const own = await usersOf(from);
    expect(own.join()).toContain('"hash":"$wrapped$');
    writeFileSync(exported, (await from.run('export')).stdout);
    expect(await to.run('import', exported)).toMatchObject({ code: 0, stderr: '' });
    expect(await usersOf(to)).toEqual(own);
  });

  test('an empty store is a whole file, too', async () => {
    const store = await newStore();
    expect((await store.run('export')).stdout.split('\n')).toHaveLength(3);
    expect(JSON.parse((await store.run('export', '--format', 'auth0')).stdout)).toEqual([]);
  });

  test('writes to a file that only its owner reads, in the place of another, and refuses what is no file', async () => {
    const store = await newStore();
    await fillStore(store);
    const folder = temporaryFolder();
    const file = join(folder, 'users.jsonl');
    for (const left of [file, `${file}.unfinished`]) {
      writeFileSync(left, 'before');
      chmodSync(left, 0o644);
    }
    expect(await store.run('export', '--output', file)).toMatchObject({ code: 0, stdout: '' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(5);
    expect(readdirSync(folder)).toEqual(['users.jsonl']);
    expect(await store.run('export', '--output', folder)).toMatchObject({
      code: 1,
      stderr: `${folder} is not a file. Leave --output out to write to standard output.\n`,
    });
    expect(await store.run('export', '--output', join(folder, 'none', 'x'))).toMatchObject({ code: 1, stdout: '' });
  });

  test('hashes are not shown on a terminal', async () => {
    const store = await newStore();
    await fillStore(store);
    const onTerminal = async (...args: string[]) => {
      const terminal = recordingTerminal({ DATABASE_URL: store.url });
      await runCommand(['export', ...args], { ...terminal, stdout: Object.assign(terminal.stdout, { isTTY: true }) });
      return { stdout: terminal.stdout.text, stderr: terminal.stderr.text };
    };
    expect(await onTerminal()).toEqual({ stdout: '', stderr: expect.stringMatching(/not for a terminal/) });
    expect((await onTerminal('--without-passwords')).stdout).toContain('Ada@example.com');
  });

  test('a format that there is not is one sentence', async () => {
    const store = await newStore();
    expect(await store.run('export', '--format', 'csv')).toMatchObject({
      code: 1,
      stderr: "There is no format 'csv'. The formats are: roster, workos-csv, auth0.\n",
    });
  });

  test('what is written meanwhile is not in it, on later pages either', async () => {
    const store = await newStore();
    await store.withDatabase(async (db) => {
      const idOf = (i: number) => `user_${String(i).padStart(26, '0')}`;
      const rows = Array.from({ length: 2500 }, (_, i) => userRow(idOf(i)));
      await db.transaction(({ prisma }) => prisma.user.createMany({ data: rows }));
      const found: unknown[] = [];
      for await (const page of db.readWholeUsers()) {
        if (found.length === 0) {
          await db.transaction(async ({ prisma }) => {
            await prisma.user.updateMany({ where: { id: { gte: idOf(2000) } }, data: { firstName: 'New' } });
            await prisma.user.create({ data: userRow(idOf(9999)) });
            await prisma.user.deleteMany({ where: { id: idOf(2400) } });
            const createdAt = new Date();
            const times = { createdAt, updatedAt: createdAt };
            const identity = { id: 'identity_1', userId: idOf(2001), provider: 'XOAuth', idpId: '1', ...times };
            await prisma.identity.create({ data: identity });
          });
        }
        found.push(...page.map(({ user, identities }) => [user.id, user.firstName, identities.length]));
      }
      expect(found).toEqual(rows.map(({ id }) => [id, null, 0]));
    });
  });
});

describe('the hashes of each type as Auth0 takes them', () => {
  const exported = (type: string, hash: string, saltPosition: string | null = null) => {
    const password = { type, hash, saltPosition };
    const text = auth0.user({ user: { metadata: {} }, identities: [], password }, true);
    expect(auth0.carries(password)).toBe(JSON.parse(text).custom_password_hash !== undefined);
    return JSON.parse(text).custom_password_hash;
  };
  const salt = Buffer.from('salt');
  const encoding = 'base64';

  test.each([
    ['ssha', '{SSHA}', 'sha1', 20, null, 'suffix'],
    ['ssha256', '{SSHA256}', 'sha256', 32, 'prefix', 'prefix'],
  ])('%s', (type, scheme, algorithm, length, saltPosition, position) => {
    const digest = Buffer.alloc(length, 7);
    const stored = scheme + Buffer.concat([digest, salt]).toString(encoding);
    expect(exported(type, stored, saltPosition)).toEqual({
      algorithm,
      hash: { value: digest.toString(encoding), encoding },
      salt: { value: 'c2FsdA==', encoding, position },
    });
  });

  test('pbkdf2, scrypt, argon2; that of Firebase it does not', () => {
    expect(exported('pbkdf2', '$pbkdf2$i=600000,d=sha256$c2FsdA==$AAAAAAAAAAAAAAAAAAAAAA==')).toEqual({
      algorithm: 'pbkdf2',
      hash: { value: '$pbkdf2-sha256$i=600000,l=16$c2FsdA$AAAAAAAAAAAAAAAAAAAAAA', encoding: 'utf8' },
    });
    expect(exported('scrypt', '$scrypt$v=1$n=16384,r=8,p=1,kl=16$c2FsdA$AAAAAAAAAAAAAAAAAAAAAA')).toEqual({
      algorithm: 'scrypt',
      hash: { value: 'AAAAAAAAAAAAAAAAAAAAAA==', encoding },
      salt: { value: 'c2FsdA==', encoding },
      keylen: 16,
      cost: 16384,
      blockSize: 8,
      parallelization: 1,
    });
    const argon2 = '$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA';
    expect(exported('argon2', argon2)).toEqual({ algorithm: 'argon2', hash: { value: argon2 } });
    expect(exported('firebase-scrypt', '$firebase-scrypt$v=1$r=8,m=14,ss=Bw,sk=AA$AA$AA')).toBeUndefined();
  });
});
