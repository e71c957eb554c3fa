import { createHash, randomUUID } from 'node:crypto';
import type { Scratch } from '../../db/scratch.ts';
import { type ImportName, importFormats } from '../formats/formats.ts';
import { type SourceFile, startOf } from '../read/open-file.ts';
import { isBroken, readRecords } from '../read/records.ts';
import type { BrokenRecord, SourceRecord } from '../source/import-format.ts';
import { listOf } from '../source/values.ts';

/** A record, and where it stands. */
export interface Placed {
  /** Among all records of all files, from 1. */
  readonly number: number;
  readonly file: string;
  readonly record: SourceRecord | BrokenRecord;
}

/** The first record of a file, which tells what it is; null of a file without any, or whose first is broken. */
export async function firstRecord(file: SourceFile): Promise<SourceRecord | null> {
  for await (const record of readRecords(file, { container: 'users' })) {
    if (isBroken(record)) return null;
    const [listed] = record.values.object === 'list' ? listOf(record.values.data) : []; // of WorkOS's API
    return listed ? { ...record, values: listed } : record;
  }
  return null;
}

/** By which an import is known again: what its files begin with, how long they are, and what was asked for. */
export async function idOfImport(files: readonly SourceFile[], isFromPipe: boolean, asked: object): Promise<string> {
  if (isFromPipe) return randomUUID();
  const hash = createHash('sha256').update(JSON.stringify(asked));
  for (const file of files) hash.update(`\n${file.size}\n`).update(await startOf(file));
  return hash.digest('hex');
}

/** All records of all files. */
export async function* readAll(
  files: readonly SourceFile[],
  name: ImportName,
  onRead: (bytes: number) => void,
): AsyncGenerator<Placed> {
  let number = 0;
  for (const file of files) {
    for await (const record of readRecords(file, importFormats[name], onRead)) {
      number += 1;
      yield { number, file: file.name, record };
    }
  }
}

/** Puts the parts of users, which may stand anywhere, where the users find them. */
export async function collectParts(
  files: readonly SourceFile[],
  name: ImportName,
  firsts: readonly SourceRecord[],
  scratch: Scratch,
): Promise<void> {
  for await (const { file, record } of readAll(files, name, () => {})) {
    const key = isBroken(record) ? null : partKey(name, record, firsts);
    if (key !== null) scratch.put(key, JSON.stringify({ ...record, raw: undefined, file }));
  }
}

/** Whom a record belongs to that is a part of a user; null for any other. */
export function partKey(name: ImportName, record: SourceRecord, firsts: readonly SourceRecord[]): string | null {
  const format = importFormats[name];
  return 'partOf' in format ? format.partOf(record, firsts) : null;
}

/** The parts of a user that were collected. */
export function partsOf(name: ImportName, record: SourceRecord, scratch: Scratch | null): SourceRecord[] {
  const format = importFormats[name];
  if (!scratch || !('keysOf' in format)) return [];
  return format.keysOf(record).flatMap((key) => scratch.take(key).map((text) => JSON.parse(text) as SourceRecord));
}
