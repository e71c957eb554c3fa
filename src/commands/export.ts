import { createWriteStream, existsSync, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { OperatorError } from '../errors.ts';
import { type ExportName, exportNames, exportUsers } from '../moving/export/export.ts';
import { readSettings } from './read-settings.ts';
import type { Terminal } from './terminal.ts';
import { withDatabase } from './with-database.ts';

export interface ExportCommandOptions {
  readonly format: string;
  /** The file; without it, standard output. */
  readonly output?: string;
  readonly withoutPasswords?: boolean;
}

/** `roster export`: writes all users as they are at one moment. What was written is told on the error output. */
export async function exportStore(terminal: Terminal, options: ExportCommandOptions): Promise<void> {
  const format = parseFormat(options.format);
  const { withoutPasswords = false } = options;
  if (options.output === undefined && terminal.stdout.isTTY && !withoutPasswords) {
    throw new OperatorError(
      'An export has the hashes of passwords in it, which are not for a terminal. Give --output FILE, or --without-passwords.',
    );
  }
  if (options.output !== undefined) assertReplaceable(options.output);
  const counts = { users: 0, identities: 0, passwords: 0, leftPasswords: 0 };
  await withDatabase(terminal, readSettings(terminal), async (db) => {
    const given = { format, withoutPasswords, exportedAt: new Date() };
    const text = exportUsers(db, given, counts);
    if (options.output === undefined) await writeOut(terminal, text);
    else await writeFile(options.output, text);
  });
  const { users, identities, passwords, leftPasswords } = counts;
  const exported = [
    count(users, 'user', 'users'),
    count(identities, 'identity', 'identities'),
    count(passwords, 'password', 'passwords'),
  ];
  terminal.stderr.write(`Exported ${exported[0]}, ${exported[1]} and ${exported[2]}.\n`);
  if (leftPasswords > 0) {
    terminal.stderr.write(
      `Without ${count(leftPasswords, 'password', 'passwords')}: ${format} has no place for that kind of hash. Each of these users sets a new one.\n`,
    );
  }
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

function parseFormat(text: string): ExportName {
  if (exportNames.includes(text as ExportName)) return text as ExportName;
  throw new OperatorError(`There is no format '${text}'. The formats are: ${exportNames.join(', ')}.`);
}

function assertReplaceable(file: string): void {
  if (existsSync(file) && !statSync(file).isFile()) {
    throw new OperatorError(`${file} is not a file. Leave --output out to write to standard output.`);
  }
}

/** The file is there when all of it is, and before that under another name; only its owner reads it. */
async function writeFile(file: string, text: AsyncGenerator<string>): Promise<void> {
  const unfinished = `${file}.unfinished`;
  await rm(unfinished, { force: true }); // it may be of another mode
  try {
    await pipeline(text, createWriteStream(unfinished, { mode: 0o600, flags: 'wx', flush: true }));
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** `head` and the like close standard output when they have enough: that is no error. */
async function writeOut({ stdout }: Terminal, text: AsyncGenerator<string>): Promise<void> {
  await pipeline(text, stdout, { end: false }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
