import { createReadStream, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { OperatorError } from '../../errors.ts';
import { assertNoFolder } from '../../input/text-file.ts';

/** What stands for standard input among the files. */
export const standardInput = '-';

/** A file of users. */
export interface SourceFile {
  /** As it was given. */
  readonly name: string;
  /** Whether it can be read once alone. */
  readonly isPipe: boolean;
  /** In bytes, as it lies there; 0 where nobody knows. */
  readonly size: number;
  /** Its bytes, unpacked where it is packed; from the start each time. Tells how many of the file itself were read. */
  chunks(onRead?: (bytes: number) => void): AsyncIterable<Buffer>;
}

/** Throws OperatorError, and what the system says of a file that is not there. */
export function sourceFile(name: string, stdin: NodeJS.ReadableStream): SourceFile {
  if (name === standardInput) {
    const chunks: SourceFile['chunks'] = (onRead) => unpacked(stdin as AsyncIterable<Buffer>, onRead);
    return { name: 'standard input', isPipe: true, size: 0, chunks };
  }
  assertNoFolder(name);
  const stats = statSync(name);
  if (stats.isFIFO())
    throw new OperatorError(
      `${name} is a pipe, which is read once alone. Give it as standard input: import - < ${name}`,
    );
  return {
    name,
    isPipe: false,
    size: stats.size,
    chunks: (onRead) => unpacked(createReadStream(name), onRead),
  };
}

/** The first MiB of a file, by which it is known again. */
export async function startOf({ name }: SourceFile): Promise<Buffer> {
  const file = await open(name);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1_048_576), 0, 1_048_576, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** RFC 1952: the first two bytes of what gzip has packed. */
const gzipMagic = Buffer.from([0x1f, 0x8b]);

async function* unpacked(raw: AsyncIterable<Buffer>, onRead = (_bytes: number) => {}): AsyncGenerator<Buffer> {
  const counted = count(raw, onRead);
  const { value: first, done } = await counted.next();
  if (done) return;
  const whole = prepend(first, counted);
  if (!first.subarray(0, 2).equals(gzipMagic)) return yield* whole;
  const gunzip = createGunzip();
  const feeding = feed(whole, gunzip);
  try {
    yield* gunzip as AsyncIterable<Buffer>;
  } catch (error) {
    if (!String((error as NodeJS.ErrnoException).code).startsWith('Z_')) throw error;
    throw new OperatorError('A packed file is damaged, or was cut off: it cannot be unpacked to its end.');
  }
  await feeding;
}

async function feed(chunks: AsyncIterable<Buffer>, gunzip: ReturnType<typeof createGunzip>): Promise<void> {
  try {
    for await (const chunk of chunks) {
      if (!gunzip.write(chunk)) await new Promise((resolve) => gunzip.once('drain', resolve).once('close', resolve));
      if (gunzip.destroyed) return;
    }
    gunzip.end();
  } catch (error) {
    gunzip.destroy(error as Error);
  }
}

async function* count(raw: AsyncIterable<Buffer>, onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of raw) {
    onRead(chunk.length);
    yield Buffer.from(chunk);
  }
}

async function* prepend(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}
