import { setFlagsFromString } from 'node:v8';
import { SingleBar } from 'cli-progress';
import type { Config } from '../config/settings.ts';
import type { Database } from '../db/database.ts';
import { OperatorError } from '../errors.ts';
import { createEvents } from '../events/events.ts';
import { chooseFormat } from '../moving/formats/formats.ts';
import { takeCheckpoint } from '../moving/import/checkpoint.ts';
import { newCounts } from '../moving/import/counts.ts';
import type { ConflictPolicy } from '../moving/import/decide.ts';
import { parseFieldMap } from '../moving/import/field-map.ts';
import type { PrepareOptions } from '../moving/import/prepare.ts';
import { type ImportOptions, runImport } from '../moving/import/run.ts';
import { firstRecord, idOfImport } from '../moving/import/source.ts';
import { type SourceFile, sourceFile, standardInput } from '../moving/read/open-file.ts';
import { readFirebaseConfig } from '../moving/source/firebase-config.ts';
import { ownCost } from '../passwords/passwords.ts';
import { present } from '../rest/wire-events.ts';
import { openErrorsFile } from './import-errors.ts';
import { summarizeImport } from './import-summary.ts';
import { readSettings } from './read-settings.ts';
import type { Terminal } from './terminal.ts';
import { withDatabase } from './with-database.ts';

/** What the command line says. */
export interface ImportCommandOptions {
  readonly from?: string;
  readonly dryRun?: boolean;
  readonly onConflict: ConflictPolicy;
  readonly weakHashes: PrepareOptions['weakHashes'];
  readonly errors?: string;
  readonly map?: string[];
  readonly events?: boolean;
  readonly trustEmails?: boolean;
  readonly requirePasswords?: boolean;
  readonly splitName?: string;
  readonly metadata?: string;
  readonly keycloakIdpEmail?: string;
  readonly firebaseConfig?: string;
}

/**
 * How much the heap grows, in percent of what is in use, before it is cleared up. Left to itself V8 has it grow to several times as much,
 * and an import, whose users live for a moment, takes 100 MiB more; it is as fast either way.
 */
const heapGrowingPercent = 60;

/** `roster import FILE…`: brings users along from elsewhere. Ends with 1 when a record was refused. */
export async function importUsers(terminal: Terminal, names: string[], given: ImportCommandOptions): Promise<void> {
  setFlagsFromString(`--heap-growing-percent=${heapGrowingPercent}`);
  const config = readSettings(terminal);
  const files = names.map((name) => sourceFile(name, terminal.stdin));
  const isFromPipe = names.includes(standardInput);
  const firsts = isFromPipe ? [] : (await Promise.all(files.map(firstRecord))).filter((record) => record !== null);
  const options = readOptions(given, config, chooseFormat(given.from, firsts));
  await withDatabase(
    terminal,
    config,
    async (db) => {
      const { wrapsAtOnce, wrappingCost, isDryRun, ...asked } = options;
      const key = { id: await idOfImport(files, isFromPipe, asked), format: options.format, files: names.join('\n') };
      const result = await run(terminal, { db, config, files, firsts, options, key, errors: given.errors });
      terminal.stdout.write(summarizeImport(result.counts, { isDryRun, records: result.records }));
      if (result.counts.refused > 0) terminal.fail();
    },
    { mayMakeFile: options.isDryRun === false },
  );
}

interface Running {
  readonly db: Database;
  readonly config: Config;
  readonly files: readonly SourceFile[];
  readonly firsts: Parameters<typeof runImport>[1]['firsts'];
  readonly options: ImportOptions;
  readonly key: Parameters<typeof takeCheckpoint>[1];
  readonly errors: string | undefined;
}

async function run(terminal: Terminal, { db, config, files, firsts, options, key, errors }: Running) {
  const now = () => new Date();
  const events = createEvents({ config, present, now, wake: () => {}, wakeJobs: () => {} });
  const onWait = () => terminal.stderr.write('Another process imports these files; waiting for it.\n');
  const checkpoint = options.isDryRun ? null : await takeCheckpoint(db, key, now, onWait);
  const problems = openErrorsFile(terminal, errors, (checkpoint?.records ?? 0) > 0);
  const bar = new SingleBar({
    format: 'Importing {bar} {percentage}% {records} records, {rate} a second, {eta_formatted} left',
    stream: terminal.stderr,
  });
  const size = files.reduce((sum, file) => sum + file.size, 0);
  let [bytes, records] = [0, 0];
  const startedAt = performance.now();
  bar.start(size, 0, { records, rate: 0 });
  try {
    const progress = {
      onRead: (read: number) => {
        bytes += read;
      },
      onBatch: (done: number) => {
        records = done;
        const rate = Math.round(((done - (checkpoint?.records ?? 0)) * 1000) / (performance.now() - startedAt));
        bar.update(Math.min(bytes, size), { records, rate });
      },
      onProblems: problems.write,
    };
    const counts = await runImport({ db, events, now }, { files, firsts }, options, checkpoint, progress);
    return { counts, records };
  } catch (error) {
    await checkpoint?.release().catch(() => {}); // the first error is the reason
    throw error;
  } finally {
    bar.stop();
    await problems.close();
  }
}

function readOptions(given: ImportCommandOptions, config: Config, format: ImportOptions['format']): ImportOptions {
  return {
    format,
    map: parseFieldMap(given.map ?? []),
    trustEmails: given.trustEmails ?? false,
    requirePasswords: given.requirePasswords ?? false,
    weakHashes: choice('--weak-hashes', given.weakHashes, ['wrap', 'skip', 'refuse']),
    onConflict: choice('--on-conflict', given.onConflict, ['skip', 'update', 'fail']),
    splitName: given.splitName !== undefined && choice('--split-name', given.splitName, ['first-space']) !== null,
    metadataAsJson: given.metadata !== undefined && choice('--metadata', given.metadata, ['flat', 'json']) === 'json',
    keycloakIdpEmail:
      given.keycloakIdpEmail !== undefined && choice('--keycloak-idp-email', given.keycloakIdpEmail, ['user']) !== null,
    firebase: given.firebaseConfig === undefined ? null : readFirebaseConfig(given.firebaseConfig),
    isDryRun: given.dryRun ?? false,
    emitsEvents: given.events ?? false,
    wrapsAtOnce: config.PASSWORD_HASH_CONCURRENCY,
    wrappingCost: ownCost(config),
  };
}

function choice<const Choice extends string>(option: string, text: string, choices: readonly Choice[]): Choice {
  const found = choices.find((one) => one === text);
  if (found === undefined) throw new OperatorError(`${option} ${text}: expected ${choices.join(' or ')}.`);
  return found;
}

/** `roster import status`: which imports there were, how far they are, and what became of their records. */
export async function showImports(terminal: Terminal): Promise<void> {
  await withDatabase(terminal, readSettings(terminal), async (db) => {
    const rows = await db.reader.import.findMany({ orderBy: { startedAt: 'asc' } });
    for (const row of rows) {
      const state = row.finishedAt
        ? `finished ${row.finishedAt.toISOString()}`
        : row.lockedBy && row.lockedUntil && row.lockedUntil > new Date()
          ? 'under way'
          : 'stopped: run it again, and it goes on';
      const counts = { ...newCounts(), ...(row.counts as object) };
      const numbers = `${counts.created} created, ${counts.updated} updated, ${counts.unchanged} unchanged, ${counts.skipped} skipped, ${counts.refused} refused`;
      terminal.stdout.write(
        `${row.format}  ${row.files.replaceAll('\n', ' ')}  ${row.records} records: ${numbers}  ${state}\n`,
      );
    }
    if (rows.length === 0) terminal.stdout.write('There was no import.\n');
  });
}
