import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkLine } from '../../src/commands/hash-check.ts';
import { carriedVectors } from '../passwords/carried-vectors.ts';
import { roster } from '../support/processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'roster-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Vector {
  type: string;
  hash: string;
  saltPosition?: string;
}
const vectors: Vector[] = JSON.parse(readFileSync(new URL('../passwords/vectors.json', import.meta.url), 'utf8'));

interface Outcome {
  code: number | null;
  stdout: string[];
  stderr: string;
}

function check(lines: (object | string)[]): Promise<Outcome> {
  return checkFile(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
}

function checkFile(content: string | Buffer): Promise<Outcome> {
  const file = join(folder, 'export.jsonl');
  writeFileSync(file, content);
  return run([file]);
}

async function run(args: string[]): Promise<Outcome> {
  const { code, stdout, stderr } = await roster(['hash', 'check', ...args], { DATABASE_URL: `file:${folder}/none.db` });
  return { code, stdout: stdout.trim().split('\n'), stderr };
}

const row = (i: number, { type, hash, saltPosition }: Vector) => ({
  email: `user${i}@example.com`,
  passwordHash: hash,
  passwordHashType: type,
  ...(saltPosition && { passwordSaltPosition: saltPosition }),
});

describe('roster hash check', () => {
  test('accepts every hash that other implementations made, says so by line and type, and ends with 0', async () => {
    const { code, stdout, stderr } = await check(vectors.map((vector, i) => row(i, vector)));
    expect(stdout).toEqual(vectors.map(({ type }, i) => `${i + 1}\taccepted\t${type}`));
    expect(stderr).toMatch(/type +accepted +refused\nargon2 +\d+ +0/);
    expect(code).toBe(0);
  });

  test('refuses by line with the reason, never repeats the hash, writes nothing, and ends with 1', async () => {
    const good = row(1, vectors[0] as Vector);
    const { code, stdout, stderr } = await check([
      good,
      { ...good, email: 'USER1@example.com' },
      { ...good, email: 'b@example.com', passwordHash: '$2b$31$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy' },
      { email: 'c@example.com', password_hash: good.passwordHash, password_hash_type: 'BCRYPT' },
      { ...good, email: 'nonsense' },
      { ...good, email: 'd@example.com', passwordHashType: 'md5' },
      { email: 'e@example.com', passwordHashType: 'bcrypt' },
      '{ not json',
      '',
      '[]',
      { ...good, email: 'f@example.com', passwordSaltPosition: null },
      { ...good, email: 'g@example.com', passwordSaltPosition: 7 },
    ]);
    const verdicts = stdout.map((line) => line.split('\t'));
    expect(verdicts.map(([line, verdict, type]) => `${line} ${verdict} ${type}`)).toEqual([
      '1 accepted bcrypt',
      '2 refused bcrypt',
      '3 refused bcrypt',
      '4 accepted bcrypt',
      '5 refused bcrypt',
      '6 refused unknown',
      '7 refused bcrypt',
      '8 refused unknown',
      '10 refused unknown',
      '11 refused bcrypt',
      '12 refused bcrypt',
    ]);
    expect(
      verdicts.filter(([, verdict]) => verdict === 'refused').every(([, , , reason]) => reason?.endsWith('.')),
    ).toBe(true);
    expect(verdicts[1]?.[3]).toContain('same email');
    expect(verdicts[2]?.[3]).toMatch(/cost/);
    expect(stdout.join('\n') + stderr).not.toContain('N9qo8uLOickgx2');
    expect(stderr).toMatch(/bcrypt +2 +6\n/);
    expect(code).toBe(1);
    expect(() => readFileSync(join(folder, 'none.db'))).toThrow();
  });

  test.each([
    [{}, 'email, passwordHash and passwordHashType are missing.', 'unknown'],
    [{ password_hash: 'x' }, 'email and password_hash_type are missing.', 'unknown'],
    [{ email: 'a@example.com', password_hash: 'x' }, 'password_hash_type is missing.', 'unknown'],
    [{ email: 'a@example.com', passwordHash: 'x', passwordHashType: null }, 'passwordHashType is missing.', 'unknown'],
    [{ email: 'a@example.com', passwordHashType: 'bcrypt' }, 'passwordHash is missing.', 'bcrypt'],
    [{ email: 'a@example.com', password_hash_type: 'bcrypt' }, 'password_hash is missing.', 'bcrypt'],
    [{ passwordHash: 'x', passwordHashType: 'bcrypt' }, 'email is missing.', 'bcrypt'],
    [
      { email: 'a@example.com', passwordHash: 'x', password_hash_type: 'md5' },
      'password_hash_type must be one of bcrypt, firebase-scrypt, ssha, ssha256, scrypt, pbkdf2, argon2.',
      'unknown',
    ],
    [
      { email: 'a@example.com', passwordHash: 5, passwordHashType: 'bcrypt' },
      'passwordHash is not a string.',
      'bcrypt',
    ],
    [
      { email: 'a..b@example.com', password_hash: vectors[0]?.hash, password_hash_type: vectors[0]?.type },
      'email is not an address.',
      vectors[0]?.type,
    ],
    [
      { email: 'a..b@example.com', password_hash: 5, password_hash_type: 'bcrypt' },
      'email is not an address. password_hash is not a string.',
      'bcrypt',
    ],
  ])('says of %j which key is to blame, in the spelling of the line', async (line, reason, type) => {
    expect((await check([line])).stdout).toEqual([`1\trefused\t${type}\t${reason}`]);
  });

  test.each(carriedVectors.filter(({ algorithm }) => algorithm === undefined).map((vector) => [vector.hash, vector]))(
    'of %s, which only an import takes, it says so',
    (hash, { type, way }) => {
      const line = { email: 'a@example.com', passwordHash: hash, passwordHashType: 'bcrypt' };
      const { problem } = checkLine(JSON.stringify(line), new Set());
      if (problem === null) expect({ type, way }).toEqual({ type: 'bcrypt', way: 'native' });
      else expect(problem).toMatch(way === 'weak' ? /, wrapped in argon2id\.$/ : /\. An import brings it along\.$/);
    },
  );

  test('a name that the API does not know may be known to an import', () => {
    const line = { email: 'a@example.com', passwordHash: '5f4dcc3b5aa765d61d8327deb882cf99', passwordHashType: 'md5' };
    const { type, problem } = checkLine(JSON.stringify(line), new Set());
    expect(type).toBe('unknown');
    expect(problem).toMatch(/argon2\. An import brings it along, wrapped in argon2id\.$/);
  });

  test('counts lines as editors do, whatever is in them and before them', async () => {
    const [a, b] = [row(1, vectors[0] as Vector), row(2, vectors[0] as Vector)].map((line) =>
      JSON.stringify({ ...line, name: 'one\u2028two\u2029three' }),
    );
    expect(a).toContain('\u2028');
    const { code, stdout } = await checkFile(`\ufeff${a}\r\n\r\n${b}\r\n`);
    expect(stdout).toEqual(['1\taccepted\tbcrypt', '3\taccepted\tbcrypt']);
    expect(code).toBe(0);
  });

  test('a file in UTF-16 is one sentence', async () => {
    const { code, stdout, stderr } = await checkFile(
      Buffer.from(`\ufeff${JSON.stringify(row(1, vectors[0] as Vector))}\r\n`, 'utf16le'),
    );
    expect(stdout).toEqual(['']);
    expect(stderr).toMatch(/(?:^|\n)\S+export\.jsonl is in UTF-16: save it as UTF-8\.\n$/);
    expect(code).toBe(1);
  });

  test('a folder is one sentence, which names it', async () => {
    expect(await run([folder])).toMatchObject({
      code: 1,
      stderr: `${folder} is a folder. Give a file.\n`,
    });
  });

  test('a missing file is one sentence', async () => {
    const missing = join(folder, 'missing');
    expect(await run([missing])).toMatchObject({ code: 1, stderr: `There is no file ${missing}.\n` });
  });
});
