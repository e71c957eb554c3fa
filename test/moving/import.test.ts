import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encodeTime } from 'ulid';
import { describe, expect, test } from 'vitest';
import { runCommand } from '../../src/commands/program.ts';
import { temporaryFolder } from '../support/database.ts';
import { fillStore, newStore, type Store } from '../support/moving.ts';
import { recordingTerminal, roster } from '../support/processes.ts';

const bcrypt = '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy';

/** A file of this test's own. */
function fileOf(content: string | Buffer, name = 'users.csv'): string {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, content);
  return file;
}

/** All users with what belongs to them. */
const everything = (store: Store) =>
  store.withDatabase(({ reader }) =>
    reader.user.findMany({ include: { identities: true, password: true }, orderBy: { emailCanonical: 'asc' } }),
  );

const problemsIn = (file: string) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

/** All events, in their order. */
const eventsOf = (store: Store) =>
  store.withDatabase(async (db) => {
    while (db.numberEvents && (await db.numberEvents(100)) > 0);
    return db.reader.event.findMany({ orderBy: { position: 'asc' } });
  });

/** What the summary says of an outcome. */
const counted = (stdout: string, what: string) => Number(new RegExp(`^${what} +(\\d+)$`, 'm').exec(stdout)?.[1] ?? 0);

const checksumOf = (stdout: string) => /sha256 ([0-9a-f]{64})$/m.exec(stdout)?.[1] ?? expect.fail(stdout);

describe('roster import', () => {
  test('an export comes back as it was, byte for byte, and a second time changes nothing', async () => {
    const [from, to] = [await newStore(), await newStore()];
    await fillStore(from);
    const withoutMoment = (text: string) => text.replace(/"exportedAt":"[^"]*"/, '');
    const exported = (await from.run('export')).stdout;
    const file = fileOf(exported, 'users.jsonl');
    const first = await to.run('import', file);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(counted(first.stdout, 'created')).toBe(2);
    expect(counted(first.stdout, 'passwords, bcrypt')).toBe(1);
    expect(withoutMoment((await to.run('export')).stdout)).toBe(withoutMoment(exported));
    const again = await to.run('import', file);
    expect(counted(again.stdout, 'unchanged')).toBe(2);
    expect(checksumOf(again.stdout)).toBe(checksumOf(first.stdout));
    expect(withoutMoment((await to.run('export')).stdout)).toBe(withoutMoment(exported));
    expect((await to.run('import', 'status')).stdout).toMatch(/^roster {2}\S+ {2}4 records: .*2 unchanged.*finished/);
  });

  test('an export that was cut off or changed is told', async () => {
    const store = await newStore();
    await fillStore(store);
    const lines = (await store.run('export')).stdout.split('\n');
    const [other, third] = [await newStore(), await newStore()];
    const cut = await other.run('import', fileOf(lines.slice(0, 2).join('\n'), 'cut.jsonl'));
    expect(cut).toMatchObject({ code: 1, stderr: expect.stringMatching(/was cut off/) });
    const changed = await third.run('import', fileOf(lines.join('\n').replace('Ada', 'Eve'), 'changed.jsonl'));
    expect(changed).toMatchObject({ code: 1, stderr: expect.stringMatching(/was changed or damaged/) });
  });

  test('each row lands or is refused with its line and a reason; nothing is lost in silence', async () => {
    const store = await newStore();
    const rows = [
      'email,email_verified,first_name,name,external_id,metadata,password_hash,password_hash_type,created_at,locale,picture',
      `Ada@example.com,true,Ada,Ada Lovelace,1,"{""plan"":""pro"",""n"":5,""deep"":{""a"":1}}",${bcrypt},bcrypt,2024-01-02T03:04:05.678Z,en_gb,https://example.com/a.png`,
      ',true,No,Address,2,,,,,,',
      'ADA@EXAMPLE.COM,false,Other,Case,3,,,,,,',
      'grace@example.com,,"Gra ce",,4,,$2b$31$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy,,,,',
      'not an address,,,,5,,,,,,',
      `long@example.com,,${'x'.repeat(300)},,6,,,,yesterday,nonsense_!,javascript:1`,
      '"cut off@example.com,,,,7,,,,,,',
    ];
    const errors = join(temporaryFolder(), 'errors.jsonl');
    const file = fileOf(`\ufeff${rows.join('\r\n')}`);
    const { code, stdout } = await store.run('import', file, '--from', 'csv', '--errors', errors);
    expect(code).toBe(1);
    expect(Object.fromEntries(['created', 'skipped', 'refused'].map((what) => [what, counted(stdout, what)]))).toEqual({
      created: 2,
      skipped: 1,
      refused: 4,
    });
    const told = problemsIn(errors).map(({ outcome, line, id, code: why, field }) => [outcome, line, id, why, field]);
    expect(told).toEqual([
      ['noted', 2, '1', 'left_out', 'metadata'],
      ['refused', 3, '2', 'invalid_request_parameters', 'email'],
      ['skipped', 4, '3', 'email_not_available', 'email'],
      ['refused', 5, '4', 'invalid_password_hash', 'password'],
      ['refused', 6, '5', 'invalid_email', 'email'],
      ...['firstName', 'locale', 'createdAt', 'profilePictureUrl'].map((field) => ['noted', 7, '6', 'left_out', field]),
      ['refused', 8, undefined, 'invalid_record', undefined],
    ]);
    expect(readFileSync(errors, 'utf8')).not.toContain('$2b$');
    expect(statSync(errors).mode & 0o777).toBe(0o600);
    const [ada, long] = await everything(store);
    expect(ada).toMatchObject({
      email: 'Ada@example.com',
      emailVerified: true,
      firstName: 'Ada',
      lastName: null,
      name: 'Ada Lovelace',
      externalId: '1',
      locale: 'en-GB',
      metadata: { plan: 'pro', n: '5' },
      profilePictureUrl: 'https://example.com/a.png',
      createdAt: new Date('2024-01-02T03:04:05.678Z'),
      version: 1,
      managed: false,
      password: { hash: bcrypt, type: 'bcrypt', origin: 'imported' },
    });
    expect(ada?.id.slice(5, 15)).toBe(encodeTime(Date.parse('2024-01-02T03:04:05.678Z')));
    expect(long).toMatchObject({ email: 'long@example.com', emailVerified: false, firstName: null, locale: null });
  });

  test('half of a surrogate pair is refused where it is essential, and left out elsewhere, and both are told', async () => {
    const half = String.fromCharCode(0xd800);
    const identities = [
      { provider: 'google-oauth2', user_id: `g${half}` },
      { provider: 'twitter', user_id: '5' },
    ];
    const rows = [
      { user_id: 'a', email: 'a@example.com', name: `x${half}`, user_metadata: { [`k${half}`]: '1', l: half, m: '1' } },
      { user_id: `b${half}`, email: 'b@example.com' },
      { user_id: 'c', email: `c${half}@example.com` },
      { user_id: 'd', email: 'd@example.com', identities },
      { user_id: 'e', email: 'e@example.com', password_hash: half },
    ];
    const [store, errors] = [await newStore(), join(temporaryFolder(), 'errors.jsonl')];
    const file = fileOf(rows.map((row) => JSON.stringify(row)).join('\n'), 'users.jsonl');
    expect((await store.run('import', file, '--from', 'auth0', '--errors', errors)).code).toBe(1);
    expect(problemsIn(errors).map(({ outcome, line, code: why, field }) => [outcome, line, why, field])).toEqual([
      ['noted', 1, 'left_out', 'metadata'],
      ['noted', 1, 'left_out', 'metadata'],
      ['noted', 1, 'left_out', 'name'],
      ['refused', 2, 'invalid_request_parameters', 'externalId'],
      ['refused', 3, 'invalid_request_parameters', 'email'],
      ['noted', 4, 'left_out', 'identities'],
      ['noted', 4, 'changed', 'identities'],
      ['refused', 5, 'invalid_password_hash', 'password'],
    ]);
    expect(await everything(store)).toMatchObject([
      { email: 'a@example.com', name: null, metadata: { m: '1' } },
      { email: 'd@example.com', identities: [{ provider: 'XOAuth', idpId: '5' }] },
    ]);
  });

  test('on a terminal a bar tells how far it is, how fast and for how long, and nowhere else', async () => {
    const store = await newStore();
    const file = fileOf('email\na@example.com\nb@example.com\n');
    for (const isTTY of [true, false]) {
      const terminal = recordingTerminal({ DATABASE_URL: store.url });
      const stderr = Object.assign(terminal.stderr, { isTTY });
      await runCommand(['import', file, '--from', 'csv'], { ...terminal, stderr });
      const bar = /Importing \S+ 100% 2 records, \d+ a second, \S+ left/;
      expect(bar.test(terminal.stderr.text)).toBe(isTTY);
    }
  });

  test('a hash of another type is carried by the name that the file gives it', async () => {
    const store = await newStore();
    const digest = createHash('sha256').update('a purple tractor').digest('hex');
    const rows = [
      'email,password_hash,password_hash_type',
      `plain@example.com,${digest},sha256`,
      `django@example.com,pbkdf2_sha256$600000$c2FsdHNhbHQ$${Buffer.alloc(32, 7).toString('base64')},django`,
      `unknown@example.com,${digest},nonesuch`,
    ];
    const { code } = await store.run('import', fileOf(rows.join('\n')), '--from', 'csv');
    expect(code).toBe(1);
    const types = (await everything(store)).map(({ email, password }) => [email, password?.type]);
    expect(types.sort()).toEqual([
      ['django@example.com', 'pbkdf2'],
      ['plain@example.com', 'wrapped'],
    ]);
  });

  test('a dry run tells the same, with duplicates of the file and clashes with the store, and writes nothing', async () => {
    const store = await newStore();
    await fillStore(store);
    const before = (await store.run('export')).stdout.split('\n').slice(1);
    const file = fileOf(
      `email,external_id,password_hash\nada@example.com,1,\nb@example.com,2,${bcrypt}\nB@example.com,3,\nc@example.com,2,\nd@example.com,4,{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\nd@example.com,4,\nnobody,5,\n`,
    );
    const dry = await store.run('import', file, '--from', 'csv', '--dry-run');
    expect(dry.stdout).toContain('nothing was written');
    expect(dry.stderr.split('\n').filter((line) => line !== '')).toHaveLength(4);
    expect((await store.run('export')).stdout.split('\n').slice(1)).toEqual(before);
    expect((await store.run('import', 'status')).stdout).toBe('There was no import.\n');
    const real = await store.run('import', file, '--from', 'csv');
    for (const what of ['created', 'unchanged', 'skipped', 'refused', 'passwords, bcrypt']) {
      expect([what, counted(dry.stdout, what)]).toEqual([what, counted(real.stdout, what)]);
    }
    expect(counted(dry.stdout, 'passwords, weak')).toBe(1);
    expect(counted(real.stdout, 'passwords, wrapped')).toBe(1);
    expect(checksumOf(dry.stdout)).toBe(checksumOf(real.stdout));
  });

  test('two runs over the same files have the same checksum, also where nothing says when somebody was created', async () => {
    const identities = [{ provider: 'google-oauth2', user_id: '7', isSocial: true }];
    const auth0 = (name: string) => JSON.stringify([{ user_id: 'auth0|1', email: 'a@example.com', name, identities }]);
    const [file, other] = [fileOf(auth0('Ada')), fileOf(auth0('Bea'))];
    const [first, second] = [await newStore(), await newStore()];
    const dry = checksumOf((await first.run('import', file, '--from', 'auth0', '--dry-run')).stdout);
    expect(checksumOf((await first.run('import', file, '--from', 'auth0')).stdout)).toBe(dry);
    expect(checksumOf((await second.run('import', file, '--from', 'auth0')).stdout)).toBe(dry);
    expect(checksumOf((await second.run('import', other, '--from', 'auth0')).stdout)).not.toBe(dry);
  });

  test('--on-conflict: skip tells of who is there, update gives them what they lack, fail stops', async () => {
    const rows = `email,external_id,first_name,metadata,password_hash\nada@example.com,,Augusta,"{""new"":""1""}",${bcrypt}\n`;
    for (const [policy, isVerified] of [
      ['skip', true],
      ['update', true],
      ['update', false],
      ['fail', true],
    ] as const) {
      const store = await newStore();
      await store.withDatabase(({ transaction }) =>
        transaction(({ prisma }) =>
          prisma.user.create({
            data: {
              id: 'user_01KEZ0000000000000000000AA',
              email: 'ADA@example.com',
              emailCanonical: 'ada@example.com',
              emailVerified: isVerified,
              metadata: { old: '1' },
              createdAt: new Date(0),
              updatedAt: new Date(0),
            },
          }),
        ),
      );
      const { code, stdout, stderr } = await store.run(
        ...['import', fileOf(rows), '--from', 'csv', '--on-conflict', policy],
      );
      const [user] = await everything(store);
      if (policy === 'update') {
        expect(code).toBe(0);
        expect(counted(stdout, 'updated')).toBe(1);
        expect(user).toMatchObject({
          email: 'ADA@example.com',
          firstName: 'Augusta',
          metadata: { old: '1', new: '1' },
        });
        expect(user?.version).toBe(2);
        // Whoever made an account with somebody else's address must not get a way to sign in added to it, nor the owner's.
        expect(user?.password?.hash).toBe(isVerified ? bcrypt : undefined);
        const again = await store.run('import', fileOf(rows), '--from', 'csv', '--on-conflict', policy);
        expect(counted(again.stdout, 'updated')).toBe(0);
        const told = 'The address is not verified here: identities and password are not added.';
        expect(again.stderr.includes(told), 'nothing is left out in silence').toBe(!isVerified);
      } else {
        expect(user).toMatchObject({ firstName: null, version: 1, password: null });
        expect(stderr).toMatch(/user_01KEZ0000000000000000000AA has this address/);
        expect(code).toBe(policy === 'fail' ? 1 : 0);
      }
    }
  });

  test('reads what is packed, JSON lines, an array, an object with a list, and standard input', async () => {
    const users = Array.from({ length: 3 }, (_, i) => ({
      user_id: `auth0|${i}`,
      email: `user${i}@example.com`,
      name: 'a "quoted\\ {brace [bracket 🙂',
      user_metadata: {},
    }));
    const lines = users.map((user) => JSON.stringify(user)).join('\n');
    const files = [
      gzipSync(lines),
      lines,
      `${lines.replaceAll('\n', '\r\n\r\n')}\r\n`,
      JSON.stringify(users),
      JSON.stringify(users, null, 2),
    ];
    for (const content of files) {
      const store = await newStore();
      expect(await store.run('import', fileOf(content))).toMatchObject({ code: 0, stderr: '' });
      expect((await everything(store)).map(({ externalId, name }) => [externalId, name])).toEqual(
        users.map(({ user_id, name }) => [user_id, name]),
      );
    }
    const store = await newStore();
    const input = `${lines}\n{"user_id":"auth0|9","email":"cut`;
    const piped = await roster(['import', '-', '--from', 'auth0'], { DATABASE_URL: store.url }, input);
    expect(piped).toMatchObject({ code: 1, stderr: 'standard input, line 4: refused: This is not a JSON object.\n' });
    const again = await roster(['import', '-', '--from', 'auth0'], { DATABASE_URL: store.url }, input);
    expect(counted(again.stdout, 'unchanged')).toBe(3);
  });

  test('an object with a list, whatever stands beside it, and one that is cut off', async () => {
    const users = [
      { localId: 'a', email: 'a@example.com' },
      { localId: 'b', email: 'b@example.com' },
    ];
    const whole = JSON.stringify({
      kind: '[{',
      other: [{ users: [1] }],
      users,
      more: [{ localId: 'no', email: 'no@example.com' }],
    });
    for (const text of [whole, JSON.stringify(JSON.parse(whole), null, 2)]) {
      const store = await newStore();
      expect(await store.run('import', fileOf(text), '--from', 'firebase')).toMatchObject({ code: 0, stderr: '' });
      expect((await everything(store)).map(({ externalId }) => externalId)).toEqual(['a', 'b']);
    }
    const store = await newStore();
    const cut = JSON.stringify({ users }).slice(0, -10);
    const { code, stdout, stderr } = await store.run('import', fileOf(cut), '--from', 'firebase');
    expect([code, counted(stdout, 'created')]).toEqual([1, 1]);
    expect(stderr).toMatch(/line 1: refused: The file ends in the middle: it was cut off\./);
  });

  test('what cannot be read is one sentence', async () => {
    const store = await newStore();
    const sentence = async (...args: string[]) => {
      const { code, stderr } = await store.run('import', ...args);
      return [code, stderr.replaceAll(/\S*\/(?=users)/g, '')];
    };
    const utf16 = fileOf(Buffer.from('\ufeffemail\r\n', 'utf16le'));
    expect(await sentence(utf16, '--from', 'csv')).toEqual([1, 'users.csv is in UTF-16: save it as UTF-8.\n']);
    expect(await sentence('/nowhere/users')).toEqual([1, 'There is no file users.\n']);
    const damaged = fileOf(gzipSync('email\n'.repeat(1000)).subarray(0, 30));
    expect(await sentence(damaged, '--from', 'csv')).toEqual([1, expect.stringMatching(/^A packed file is damaged/)]);
    expect(await sentence(fileOf('email\n'))).toEqual([1, expect.stringMatching(/^It cannot be told.*--from/)]);
    expect(await sentence(fileOf('email\n'), '--from', 'x')).toEqual([
      1,
      expect.stringMatching(/^There is no format 'x'/),
    ]);
    expect(await sentence(fileOf('email\n'), '--from', 'csv', '--map', 'x=y')).toEqual([
      1,
      expect.stringMatching(/^--map x=y: /),
    ]);
    expect(await sentence(fileOf('email\n'), '--from', 'csv', '--on-conflict', 'x')).toEqual([
      1,
      '--on-conflict x: expected skip or update or fail.\n',
    ]);
  });

  test('--map, --trust-emails, --split-name, --metadata, --require-passwords, --events', async () => {
    const store = await newStore();
    const rows = `Mail,Key,Whole,Plan,created_at,Extra,Hash\na@example.com,k1,Ada King Lovelace,pro,1700000000000,"{""a"":[1]}",${bcrypt}\nb@example.com,k2,Plato,,,,\n`;
    const map = ['email=Mail', 'externalId=Key', 'name=Whole', 'metadata.plan=Plan', 'passwordHash=Hash'];
    const { code, stdout, stderr } = await store.run(
      ...[
        'import',
        '--from',
        'csv',
        '--trust-emails',
        '--split-name',
        'first-space',
        '--require-passwords',
        '--events',
      ],
      ...map.flatMap((one) => ['--map', one]),
      fileOf(rows),
    );
    expect([code, counted(stdout, 'created'), counted(stdout, 'refused')]).toEqual([1, 1, 1]);
    expect(stderr).toMatch(/line 3: refused: password: The user has no password that can be carried\./);
    expect(await everything(store)).toMatchObject([
      {
        emailVerified: true,
        firstName: 'Ada',
        lastName: 'King Lovelace',
        externalId: 'k1',
        metadata: { plan: 'pro' },
        createdAt: new Date(1_700_000_000_000),
      },
    ]);
    const events = await eventsOf(store);
    expect(events.map(({ type, actorKind }) => [type, actorKind])).toEqual([
      ['user.created', 'cli'],
      ['import.completed', 'cli'],
    ]);
  });

  test('one event tells of each import that came to its end, and of none that was a dry run or was stopped', async () => {
    const store = await newStore();
    const file = fileOf('email,external_id\na@example.com,1\nnobody,2\na@example.com,3\n');
    await store.run('import', file, '--from', 'csv', '--dry-run');
    await store.run('import', file, '--from', 'csv', '--on-conflict', 'fail');
    expect(await eventsOf(store)).toEqual([]);
    await store.run('import', file, '--from', 'csv');
    await store.run('import', file, '--from', 'csv');
    const counts = { object: 'import', format: 'csv', records: 3, updated: 0, skipped: 1, refused: 1 };
    expect(
      (await eventsOf(store)).map(({ type, userId, body }) => [type, userId, JSON.parse(body).data]),
    ).toMatchObject([
      ['import.completed', null, { ...counts, created: 1, unchanged: 0 }],
      ['import.completed', null, { ...counts, created: 0, unchanged: 1 }],
    ]);
  });

  test('an account that another user has is told each time, also where nothing changes', async () => {
    const store = await newStore();
    const identities = [{ provider: 'google-oauth2', user_id: 'g1' }];
    const users = ['a', 'b'].map((id) => ({ user_id: `auth0|${id}`, email: `${id}@example.com`, identities }));
    const file = fileOf(users.map((user) => JSON.stringify(user)).join('\n'));
    for (const outcome of ['created', 'unchanged']) {
      const { stdout, stderr } = await store.run('import', file);
      expect([outcome, counted(stdout, outcome)]).toEqual([outcome, 2]);
      expect(stderr).toContain('line 2: noted: identities: Another user has this account of GoogleOAuth.');
    }
  });
});
