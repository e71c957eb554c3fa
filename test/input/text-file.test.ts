import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { OperatorError } from '../../src/errors.ts';
import { readLines, readTextFile } from '../../src/input/text-file.ts';
import { temporaryFolder } from '../support/database.ts';

function write(content: string | Buffer): string {
  const path = join(temporaryFolder(), 'text');
  writeFileSync(path, content);
  return path;
}

const mark = Buffer.from([0xef, 0xbb, 0xbf]);
const utf16 = (text: string, bigEndian = false): Buffer => {
  const bytes = Buffer.from(text, 'utf16le');
  return bigEndian ? bytes.swap16() : bytes;
};

async function linesOf(path: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const { text } of readLines(path)) lines.push(text);
  return lines;
}

describe('the lines of a file', () => {
  test.each([
    ['LF', 'a\nb\n', ['a', 'b']],
    ['CRLF', 'a\r\nb\r\n', ['a', 'b']],
    ['no line end at the end', 'a\nb', ['a', 'b']],
    ['empty lines, which count', 'a\n\n\nb\n', ['a', '', '', 'b']],
    ['nothing', '', []],
    ['a byte-order mark', Buffer.concat([mark, Buffer.from('a\nb')]), ['a', 'b']],
    ['nothing but a byte-order mark', mark, []],
    ['a byte-order mark further on, which is a character', 'a\n\ufeffb', ['a', '\ufeffb']],
    [
      'U+2028, U+2029, U+0085, FF and a lone CR, which end no line',
      'a\u2028b\u2029c\u0085d\fe\rf\ng',
      ['a\u2028b\u2029c\u0085d\fe\rf', 'g'],
    ],
    ['letters of two, three and four bytes', 'ü\n密\n🔑\n', ['ü', '密', '🔑']],
  ])('%s', async (_what, content, lines) => {
    expect(await linesOf(write(content))).toEqual(lines);
  });

  test('are whole where they go over the ends of what is read at once', async () => {
    const lines = Array.from({ length: 3 }, (_, i) => `${i}🔑密ü`.repeat(30_000));
    expect(await linesOf(write(lines.join('\r\n')))).toEqual(lines);
  });

  test('tell how many bytes have been read', async () => {
    const read: number[] = [];
    for await (const { bytesRead } of readLines(write('ü\n🔑\n'))) read.push(bytesRead);
    expect(read.at(-1)).toBe(8);
  });

  test('a line without an end does not fill the memory', async () => {
    const path = write(Buffer.alloc(5_000_000, 'x'));
    await expect(linesOf(path)).rejects.toThrow(`${path}: line 1 is longer than 1048576 bytes.`);
  });

  test('a line that is not UTF-8 is told by its number', async () => {
    const path = write(Buffer.from([0x61, 0x0a, 0xfc, 0x0a]));
    await expect(linesOf(path)).rejects.toThrow(`${path}: line 2 is not UTF-8.`);
  });
});

test('a whole file is read with its byte-order mark or without', () => {
  expect(readTextFile(write('{"a": 1}\n'))).toBe('{"a": 1}\n');
  expect(readTextFile(write(Buffer.concat([mark, Buffer.from('{"a": 1}\n')])))).toBe('{"a": 1}\n');
});

describe.each([
  ['whole', async (path: string) => readTextFile(path)],
  ['by lines', linesOf],
])('a file that is read %s', (_how, read) => {
  test.each([
    ['UTF-16LE with its mark', utf16('\ufeff{"a": 1}\n')],
    ['UTF-16BE with its mark', utf16('\ufeff{"a": 1}\n', true)],
    ['UTF-16LE', utf16('{"a": 1}\n')],
    ['UTF-16BE', utf16('{"a": 1}\n', true)],
    ['nothing but the mark of UTF-16LE', utf16('\ufeff')],
  ])('in %s is told so in one sentence', async (_what, content) => {
    const path = write(content);
    const refusal = new OperatorError(`${path} is in UTF-16: save it as UTF-8.`);
    await expect(read(path)).rejects.toThrow(refusal);
  });
});

test('a whole file that is not UTF-8 is told so', () => {
  const path = write(Buffer.from([0x22, 0xfc, 0x22]));
  expect(() => readTextFile(path)).toThrow(new OperatorError(`${path} is not UTF-8.`));
});
