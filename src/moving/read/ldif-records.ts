import { decodeUtf8, splitLines } from '../../input/text-file.ts';
import type { BrokenRecord, SourceRecord } from '../source/import-format.ts';

/**
 * The entries of an LDIF file (RFC 2849): each attribute, in lower case and without options, with all its values. A line that
 * begins with a space goes on with the one before; two colons stand before Base64.
 */
export async function* readLdif(
  name: string,
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<SourceRecord | BrokenRecord> {
  let [line, startLine] = [0, 1];
  let lines: string[] = [];
  for await (const bytes of splitLines(name, chunks)) {
    line += 1;
    const text = decodeUtf8(bytes) ?? '';
    if (text.startsWith('#')) continue;
    if (text === '') {
      yield* toEntry(lines, startLine);
      lines = [];
    } else if (text.startsWith(' ') && lines.length > 0) lines.push((lines.pop() as string) + text.slice(1));
    else {
      if (lines.length === 0) startLine = line;
      lines.push(text);
    }
  }
  yield* toEntry(lines, startLine);
}

function* toEntry(lines: readonly string[], line: number): Generator<SourceRecord | BrokenRecord> {
  const values: Record<string, string[]> = {};
  for (const text of lines) {
    if (/^version: /.test(text)) continue;
    const [, attribute, mark, value] = /^([\w.-]+)(?:;[^:]*)?:([:<]?) *(.*)$/s.exec(text) ?? [];
    if (attribute === undefined || value === undefined) {
      yield { line, problem: 'This is no entry of LDIF.' };
      return;
    }
    if (mark === '<') continue; // the value is elsewhere
    const name = attribute.toLowerCase();
    values[name] ??= [];
    values[name].push(mark === ':' ? Buffer.from(value, 'base64').toString('utf8') : value);
  }
  if (Object.keys(values).length > 0) yield { line, values };
}
