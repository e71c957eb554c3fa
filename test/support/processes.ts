import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { inject, onTestFinished } from 'vitest';
import { runCommand } from '../../src/commands/program.ts';
import { newFolder } from './folders.ts';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RosterProcess {
  readonly child: ChildProcess;
  /** All that it has written so far, on both outputs. */
  readonly output: () => string;
  /** Resolves when the process is gone and its outputs are read to the end. */
  readonly ended: Promise<Ended>;
}

/** A new folder and the path of a database in it that does not exist yet. The caller removes the folder. */
export function newDatabase() {
  const folder = newFolder();
  const file = join(folder, 'roster.db');
  return { folder, file, url: `file:${file}`, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The same, with a migrated, empty database at the path. */
export function newMigratedDatabase() {
  const database = newDatabase();
  copyFileSync(inject('sqliteTemplate'), database.file);
  return database;
}

/** A new database for this one test; without a file, unless it is to be migrated. */
export function newTestDatabase({ isMigrated = false } = {}) {
  const database = isMigrated ? newMigratedDatabase() : newDatabase();
  onTestFinished(database.remove);
  return database;
}

/** What production does not start without. */
export const production = { NODE_ENV: 'production', SIGNING_KEY_SECRET: 'of the tests alone, 32 characters' };

/** Starts the command line of a checkout as a process of its own, with these settings and no others. */
export function startRoster(args: string[], settings: Record<string, string> = {}, checkout = '.'): RosterProcess {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [join(checkout, 'dist/main.js'), ...args], {
    env: { PATH, HOME, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr, output] = ['', '', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    output += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, output: () => output, ended };
}

/** Runs the command line of a checkout to its end, as a process of its own. */
export function rosterProcess(args: string[], settings: Record<string, string> = {}, checkout = '.'): Promise<Ended> {
  return startRoster(args, settings, checkout).ended;
}

/** Runs a command to its end within this process: what it says and does is the same, and nothing has to be loaded again. */
export async function roster(args: string[], settings: Record<string, string> = {}, input = ''): Promise<Ended> {
  const terminal = recordingTerminal(settings, input);
  await runCommand(args, terminal);
  const { code, stdout, stderr } = terminal;
  return { code, signal: null, stdout: stdout.text, stderr: stderr.text };
}

/** Keeps what is written to it, and has these settings and no others. */
export function recordingTerminal(settings: Record<string, string>, input = '') {
  const { PATH = '', HOME = '' } = process.env;
  const terminal = {
    env: { PATH, HOME, ...settings },
    stdin: Readable.from([Buffer.from(input)]),
    stdout: new Recorded(),
    stderr: new Recorded(),
    openLog: async () => ({ write: (line: string) => void terminal.stdout.write(line) }),
    code: 0,
    fail: () => {
      terminal.code = 1;
    },
  };
  return terminal;
}

class Recorded extends Writable {
  text = '';

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}

/** Makes an API key with the command line. */
export async function makeKey(databaseUrl: string, name = 'test'): Promise<string> {
  const { code, stdout, stderr } = await roster(['api-key', 'create', name], { DATABASE_URL: databaseUrl });
  if (code !== 0) throw new Error(`no key: ${stderr}`);
  return stdout.trim();
}
