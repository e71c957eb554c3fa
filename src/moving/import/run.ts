import { openScratch, type Scratch } from '../../db/scratch.ts';
import { importFormats } from '../formats/formats.ts';
import type { SourceFile } from '../read/open-file.ts';
import { isBroken } from '../read/records.ts';
import type { SourceRecord } from '../source/import-format.ts';
import { createAhead } from './ahead.ts';
import { createBatches } from './batches.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type ConversionSettings, createConversion, type Item, leftParts } from './conversion.ts';
import { type ImportCounts, newCounts } from './counts.ts';
import { importItems, type Problem } from './import-items.ts';
import { collectParts, type Placed, partsOf, readAll } from './source.ts';
import { createTrailerCheck } from './trailer.ts';
import type { ImportApp, WritingOptions } from './write-batch.ts';

export interface ImportOptions extends Omit<ConversionSettings, 'startedAt'>, WritingOptions {}

export interface ImportSource {
  readonly files: readonly SourceFile[];
  /** The first records of the files. */
  readonly firsts: readonly SourceRecord[];
}

export interface ImportProgress {
  /** So many bytes of the files were read. */
  onRead(bytes: number): void;
  /** So many records are done. */
  onBatch(records: number): void;
  /** Before the batch is committed; resolves when it is written down. */
  onProblems(problems: readonly Problem[]): Promise<void>;
}

/** Imports users from files, in batches, from where the checkpoint is; a dry run has none, and begins at the start. */
export async function runImport(
  app: ImportApp,
  { files, firsts }: ImportSource,
  options: ImportOptions,
  checkpoint: Checkpoint | null,
  progress: ImportProgress,
): Promise<ImportCounts> {
  const { format, isDryRun } = options;
  const counts = structuredClone(checkpoint?.counts ?? newCounts());
  const hasParts = 'partOf' in importFormats[format] && !files.some(({ isPipe }) => isPipe);
  const scratch = hasParts || isDryRun ? openScratch() : null;
  const parts = hasParts ? scratch : null;
  const toItem = createConversion(firsts, { ...options, startedAt: checkpoint?.startedAt ?? app.now() }, parts);
  const trailer = createTrailerCheck(format);
  const done = checkpoint?.records ?? 0;
  const context = { options, scratch: isDryRun ? scratch : null, checkpoint, counts, onProblems: progress.onProblems };
  const bulk = checkpoint && (await app.db.openBulkInserts());
  const ahead = bulk && createAhead(bulk, { ...context, checkpoint, now: app.now, onCommit: progress.onBatch });
  const batches = createBatches(async (batch) => {
    const went = await importItems(app, batch, context);
    progress.onBatch(batch.records);
    return went;
  }, ahead);
  let records = 0;
  try {
    if (parts) await collectParts(files, format, firsts, parts);
    for await (const placed of readAll(files, format, progress.onRead)) {
      records = placed.number;
      trailer.add(placed.record);
      if (placed.number <= done) markParts(placed, options, parts);
      else await batches.add(toItem(placed), records);
    }
    const atEnd = trailer.end().map((message): Item => ofFile(files, { code: 'incomplete_file', message }));
    await batches.finish([...leftParts(parts), ...atEnd], records);
    return counts;
  } finally {
    await batches.settle();
    await bulk?.close();
    scratch?.close();
  }
}

/** The parts of users who are imported already have found their user. */
function markParts({ record }: Placed, { format }: ImportOptions, scratch: Scratch | null): void {
  if (scratch && !isBroken(record)) partsOf(format, record, scratch);
}

function ofFile(files: readonly SourceFile[], outcome: { code: string; message: string }): Item {
  return { placed: { file: files.map(({ name }) => name).join(', '), line: 0 }, outcome };
}
