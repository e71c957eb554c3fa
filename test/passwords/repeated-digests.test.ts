import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Repetition, repeatDigest } from '../../src/passwords/weak/repeat-digest.ts';

const mixes = ['plain', 'password', 'crypt'] as const;
const repetitions = mixes.flatMap((mix) =>
  [0, 1, 1_000, 1_001, 5_000].map((rounds): [string, number, Repetition] => [
    mix,
    rounds,
    {
      ...{ algorithm: 'sha256', mix, rounds },
      ...{ start: Buffer.alloc(32, 1), password: Buffer.from('Pässwörd'), salt: Buffer.from('salt') },
    },
  ]),
);

/** The same, written as it is described: what is hashed, put together first. */
function described({ algorithm, mix, rounds, start, password, salt }: Repetition): Buffer {
  let digest = Buffer.from(start);
  for (let i = 0; i < rounds; i += 1) {
    const parts = {
      plain: [digest],
      password: [digest, password],
      crypt: [
        i % 2 === 1 ? password : digest,
        i % 3 === 0 ? '' : salt,
        i % 7 === 0 ? '' : password,
        i % 2 === 1 ? digest : password,
      ],
    }[mix];
    digest = createHash(algorithm)
      .update(Buffer.concat(parts.map((part) => Buffer.from(part))))
      .digest();
  }
  return digest;
}

test.each(repetitions)(
  '%s, %i rounds: the digest is the same on this thread and on another',
  async (_mix, _n, given) => {
    expect(await repeatDigest(given)).toEqual(described(given));
  },
);

test('the build keeps the repetition as a text that needs nothing around it, for another thread runs it', () => {
  const chunks = new URL('../../dist/chunks/', import.meta.url);
  const built = readdirSync(chunks).filter((name) => name.endsWith('.js'));
  const text = built.map((name) => readFileSync(new URL(name, chunks), 'utf8')).join('\n');
  const [found = ''] = /^function repeat\w*\(create, [\s\S]*?^\}$/m.exec(text) ?? [];
  const repeat = new Function(`return ${found}`)() as (create: typeof createHash, given: Repetition) => Uint8Array;
  for (const [, , given] of repetitions) expect(Buffer.from(repeat(createHash, given))).toEqual(described(given));
});
