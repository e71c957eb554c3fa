import { expect, test } from 'vitest';
import { checkPasswordStrength } from '../../src/passwords/policy.ts';

const codesOf = async (password: string, extraWords: string[] = []): Promise<string[]> =>
  (await checkPasswordStrength(password, extraWords)).map(({ code }) => code);

test.each(['correct horse battery staple', 'vK7#pq92Lm!x', 'Pässwörd der Großmutter 密码'])(
  '%j is good',
  async (password) => {
    expect(await checkPasswordStrength(password, [])).toEqual([]);
  },
);

test('a refusal lists every problem, with its number and what to do', async () => {
  expect(await checkPasswordStrength('password', [])).toEqual([
    { code: 'password_too_short', message: expect.any(String), minimumLength: 10 },
    {
      code: 'password_too_weak',
      message: expect.any(String),
      warning: expect.any(String),
      suggestions: expect.arrayContaining([expect.stringMatching(/ /)]),
    },
  ]);
});

test('the length is counted in code points, 10 to 256', async () => {
  const strong = '鬱密碼憂🔑卵蘭魅龜';
  expect([...strong]).toHaveLength(9);
  expect(await codesOf(strong)).toContain('password_too_short');
  expect(await codesOf(`${strong}衡`)).not.toContain('password_too_short');
  const head = 'vK7#pq92Lm!x';
  expect(await codesOf(head + '🔑'.repeat(256 - head.length))).toEqual([]);
  expect(await codesOf(head + '🔑'.repeat(257 - head.length))).toEqual(['password_too_long']);
});

test('no rule on composition: one kind of characters is enough', async () => {
  expect(await codesOf('wrungobstacleshimmerfed')).toEqual([]);
  expect(await codesOf('83920174652918')).toEqual([]);
});

test.each(['qwertyuiop123', 'aaaaaaaaaaaaaaaa', '1234567890', 'Passw0rd2024', 'letmeinletmein', 'jennifer19880101'])(
  '%j is too weak',
  async (password) => {
    expect(await codesOf(password)).toContain('password_too_weak');
  },
);

test('a common password is too weak in any case of its letters, even where its score would do', async () => {
  for (const password of ['qazwsxedcrfvtgb', 'qAzWsXeDcRfVtGb']) {
    expect(await codesOf(password)).toEqual(['password_too_weak']);
  }
  expect(await checkPasswordStrength('qAzWsXeDcRfVtGb', [])).toMatchObject([
    { warning: 'This is a commonly used password.', suggestions: [expect.any(String), expect.any(String)] },
  ]);
  expect(await codesOf('qAzWsXeDcRfVtGb2')).toEqual([]);
});

test.each([
  ['the address', 'zaphod.quixley@galaxyhitch.example'],
  ['a part of the address', 'zaphodquixley'],
  ['the domain', 'galaxyhitch99'],
])('%s in a password counts for little', async (_what, password) => {
  const words = ['zaphod.quixley@galaxyhitch.example'];
  expect(await codesOf(password, words)).toEqual(['password_too_weak']);
  expect(await codesOf(password, [])).toEqual([]);
});

test('names count too, words of two letters do not', async () => {
  expect(await codesOf('Beeblebroxius1', ['Beeblebroxius'])).toEqual(['password_too_weak']);
  expect(await codesOf('vK7#pq92Lm!x', ['vK', '7#', 'pq', '92'])).toEqual([]);
});

test('only the first 48 characters are weighed, so that a long password cannot hold the process up', async () => {
  const strong = 'vK7#pq92Lm!xvR4&';
  expect(await codesOf(strong + 'a'.repeat(240))).toEqual([]);
  expect(await codesOf('a'.repeat(48) + strong)).toEqual(['password_too_weak']);
});

test('a breached password is one more problem, and nobody is asked about one that is too long', async () => {
  const asked: string[] = [];
  const isBreached = async (password: string): Promise<boolean> => {
    asked.push(password);
    return true;
  };
  const issues = await checkPasswordStrength('vK7#pq92Lm!x', [], { isBreached });
  expect(issues).toEqual([{ code: 'password_pwned', message: expect.any(String) }]);
  await checkPasswordStrength('x'.repeat(257), [], { isBreached });
  expect(asked).toEqual(['vK7#pq92Lm!x']);
});

test('no issue repeats the password', async () => {
  for (const password of ['Passw0rd2024', 'qwertyuiop123', 'abcabcabcabc']) {
    expect(JSON.stringify(await checkPasswordStrength(password, [])).toLowerCase()).not.toContain(
      password.toLowerCase(),
    );
  }
});
