import { decodeUtf8, splitLines, textChunks } from '../../input/text-file.ts';
import type { BrokenRecord, ImportFormat, SourceRecord } from '../source/import-format.ts';
import { readCsv } from './csv-records.ts';
import { readDump } from './dump-records.ts';
import { parseObject, readObjects } from './json-objects.ts';
import { readLdif } from './ldif-records.ts';
import type { SourceFile } from './open-file.ts';

export function isBroken(record: SourceRecord | BrokenRecord): record is BrokenRecord {
  return 'problem' in record;
}

/** The records of a file, one after the other; what kind of file it is, its beginning tells. */
export async function* readRecords(
  file: SourceFile,
  { container, csvColumns }: Pick<ImportFormat, 'container' | 'csvColumns'>,
  onRead?: (bytes: number) => void,
): AsyncGenerator<SourceRecord | BrokenRecord> {
  const chunks = textChunks(file.name, file.chunks(onRead))[Symbol.asyncIterator]();
  const { value: first, done } = await chunks.next();
  if (done) return;
  const whole = joined(first, chunks);
  const start = (decodeUtf8(first) ?? first.toString('latin1')).trimStart();
  if (start.startsWith('[')) yield* readObjects(whole, undefined);
  else if (start.startsWith('{')) yield* readJson(file.name, whole, start, container);
  else if (/^(?:# |dn::? |version: )/.test(start)) yield* readLdif(file.name, whole);
  else if (/^(?:--|SET |COPY )/.test(start)) yield* readDump(file.name, whole);
  else yield* readCsv(whole, csvColumns);
}

async function* joined(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

/** Objects, a line each, are taken line by line, so that one that is damaged does no harm to the next. */
async function* readJson(
  name: string,
  chunks: AsyncIterable<Buffer>,
  start: string,
  container: string | undefined,
): AsyncGenerator<SourceRecord | BrokenRecord> {
  if (container !== undefined && isContainer(start, container)) return yield* readObjects(chunks, container);
  if (/^\{\s*\n/.test(start)) return yield* readObjects(chunks, undefined);
  let line = 0;
  for await (const bytes of splitLines(name, chunks)) {
    line += 1;
    if (bytes.length > 0 && bytes.toString('latin1').trim() !== '') yield parseObject(bytes, line);
  }
}

/** Whether the outer object is not a record, but has the list of them: within what is read of it, or behind that. */
function isContainer(start: string, container: string): boolean {
  const [firstLine = ''] = start.split('\n', 1);
  if (isJson(firstLine)) return Array.isArray(JSON.parse(firstLine)[container]);
  return new RegExp(`"${container}"\\s*:\\s*\\[`).test(start) || !start.includes('\n}');
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
