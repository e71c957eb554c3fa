import { decodeUtf8 } from '../../input/text-file.ts';
import type { BrokenRecord, SourceRecord, Values } from '../source/import-format.ts';

const [quote, backslash, lineFeed, colon] = [0x22, 0x5c, 0x0a, 0x3a];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/** No record of a user is as large: a file that is something else must not fill the memory. */
const maxRecordBytes = 16_777_216;

/**
 * The objects of a JSON text, each parsed by itself, so that the text may be of any length: one after the other, in an array, or
 * in the array at the key `container` of an outer object. What stands beside that array is skipped.
 */
export async function* readObjects(
  chunks: AsyncIterable<Buffer>,
  container: string | undefined,
): AsyncGenerator<SourceRecord | BrokenRecord> {
  const scanner = createScanner(container);
  for await (const chunk of chunks) {
    for (const found of scanner.scan(chunk)) yield parseObject(found.bytes, found.line);
  }
  const line = scanner.openAt();
  if (line !== null) yield { line, problem: 'The file ends in the middle: it was cut off.' };
}

/** A record of bytes that must be one object of JSON. */
export function parseObject(bytes: Buffer, line: number): SourceRecord | BrokenRecord {
  const text = decodeUtf8(bytes);
  if (text === null) return { line, problem: 'This is not UTF-8.' };
  try {
    const values: unknown = JSON.parse(text);
    if (typeof values === 'object' && values !== null && !Array.isArray(values))
      return { line, values: values as Values, raw: bytes };
  } catch {}
  return { line, problem: 'This is not a JSON object.' };
}

interface Found {
  readonly bytes: Buffer;
  readonly line: number;
}

/** Finds where objects begin and end: it looks at strings, braces and brackets, and leaves all else to the parser. */
function createScanner(container: string | undefined) {
  let [depth, line, startLine, recordDepth] = [0, 1, 0, 0];
  let [isInString, isEscaped, isInList] = [false, false, container === undefined];
  let key = ''; // the last string, while it may be a key of the outer object
  let keyBytes: number[] | null = null;
  let kept: Buffer[] = [];
  let keptBytes = 0;

  function* scan(chunk: Buffer): Generator<Found> {
    let start = keptBytes > 0 ? 0 : -1;
    for (let i = 0; i < chunk.length; i += 1) {
      const byte = chunk[i] as number;
      if (byte === lineFeed) line += 1;
      if (isInString) {
        if (isEscaped) isEscaped = false;
        else if (byte === backslash) isEscaped = true;
        else if (byte === quote) {
          isInString = false;
          if (keyBytes) key = String.fromCharCode(...keyBytes);
          keyBytes = null;
        } else if (keyBytes && keyBytes.length < 64) keyBytes.push(byte);
      } else if (byte === quote) {
        isInString = true;
        if (!isInList && depth === 1) keyBytes = [];
      } else if (byte === openBrace || byte === openBracket) {
        if (byte === openBrace && isInList && depth === recordDepth && start < 0) {
          start = i;
          startLine = line;
        } else if (byte === openBracket && isInList && depth === 0 && recordDepth === 0) {
          recordDepth = 1; // the whole text is an array
        } else if (byte === openBracket && !isInList && depth === 1 && key === container) {
          isInList = true;
          recordDepth = 2;
        }
        depth += 1;
      } else if (byte === closeBrace || byte === closeBracket) {
        depth -= 1;
        if (start >= 0 && depth === recordDepth) {
          kept.push(chunk.subarray(start, i + 1));
          yield { bytes: kept.length === 1 ? (kept[0] as Buffer) : Buffer.concat(kept), line: startLine };
          [kept, keptBytes, start] = [[], 0, -1];
        } else if (container !== undefined && depth === 1) isInList = false;
      } else if (byte !== colon && byte > 0x20 && depth === 1) key = '';
    }
    if (start < 0) return;
    kept.push(chunk.subarray(start));
    keptBytes += chunk.length - start;
    if (keptBytes > maxRecordBytes) [kept, keptBytes, depth] = [[], 0, recordDepth];
  }

  return { scan, openAt: () => (depth > 0 || isInString ? (keptBytes > 0 ? startLine : line) : null) };
}
