import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inject, onTestFinished } from 'vitest';
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

/** Runs the command line to its end. */
export function roster(args: string[], settings: Record<string, string> = {}, checkout = '.'): Promise<Ended> {
  return startRoster(args, settings, checkout).ended;
}

/** Makes an API key with the command line. */
export async function makeKey(databaseUrl: string, name = 'test'): Promise<string> {
  const { code, stdout, stderr } = await roster(['api-key', 'create', name], { DATABASE_URL: databaseUrl });
  if (code !== 0) throw new Error(`no key: ${stderr}`);
  return stdout.trim();
}
