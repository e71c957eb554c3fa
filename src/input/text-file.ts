import { createReadStream, readFileSync, statSync } from 'node:fs';
import { OperatorError } from '../errors.ts';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Longest line that is read: a file without line ends must not fill the memory. */
const maxLineBytes = 1_048_576;

/** One line of a file, without its end. */
export interface Line {
  readonly text: string;
  /** How far the file had been read when the line was answered. */
  readonly bytesRead: number;
}

/** The text of a UTF-8 file, without its byte-order mark. Throws OperatorError for any other encoding. */
export function readTextFile(path: string): string {
  assertNoFolder(path);
  const bytes = readFileSync(path);
  assertNotUtf16(path, bytes);
  return decode(path, withoutMark(bytes));
}

/**
 * The lines of a UTF-8 file, however long it is. LF alone ends a line, and a CR before it goes with it: Node's readline ends
 * lines at U+2028 too, which may stand unescaped in a JSON string (RFC 8259 section 7). Throws OperatorError for any other
 * encoding, and for a line that is too long.
 */
export async function* readLines(path: string): AsyncGenerator<Line> {
  assertNoFolder(path);
  let bytesRead = 0;
  let line = 1;
  const chunks = counted(createReadStream(path), (bytes) => {
    bytesRead += bytes;
  });
  for await (const bytes of splitLines(path, chunks)) {
    yield { text: decode(`${path}: line ${line++}`, bytes), bytesRead };
  }
}

async function* counted(chunks: AsyncIterable<Buffer>, count: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    count(chunk.length);
    yield chunk;
  }
}

/** The same for bytes from anywhere, `name` being what a message calls them; the lines as bytes. */
export async function* splitLines(name: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let line = 1;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of textChunks(name, chunks)) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = rest.indexOf(lineFeed); end >= 0; end = rest.indexOf(lineFeed, start)) {
      yield withoutCr(rest.subarray(start, end));
      line += 1;
      start = end + 1;
    }
    rest = rest.subarray(start);
    if (rest.length > maxLineBytes) {
      throw new OperatorError(`${name}: line ${line} is longer than ${maxLineBytes} bytes.`);
    }
  }
  if (rest.length > 0) yield withoutCr(rest);
}

/** Bytes without their byte-order mark. Throws OperatorError for UTF-16. */
export async function* textChunks(name: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const chunk of chunks) {
    if (isFirst) assertNotUtf16(name, chunk);
    yield isFirst ? withoutMark(chunk) : chunk;
    isFirst = false;
  }
}

/** The system's own error does not say which. */
export function assertNoFolder(path: string): void {
  if (statSync(path).isDirectory()) throw new OperatorError(`${path} is a folder. Give a file.`);
}

/** Windows writes UTF-16, and begins it with a mark; without one, a text in it has a zero in its first two bytes. */
function assertNotUtf16(path: string, bytes: Buffer): void {
  const [first, second] = bytes;
  const isMarked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (isMarked || first === 0 || second === 0) throw new OperatorError(`${path} is in UTF-16: save it as UTF-8.`);
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, byteOrderMark.length).equals(byteOrderMark) ? bytes.subarray(byteOrderMark.length) : bytes;
}

function withoutCr(line: Buffer): Buffer {
  return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
}

function decode(what: string, bytes: Buffer): string {
  const text = decodeUtf8(bytes);
  if (text === null) throw new OperatorError(`${what} is not UTF-8.`);
  return text;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text, or null where the bytes are none. */
export function decodeUtf8(bytes: Buffer): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}
