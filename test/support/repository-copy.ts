import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const generated = ['node_modules', '.git', 'dist', 'generated', 'coverage'];

/** One line that is added by hand. */
export interface AddedLine {
  readonly file: string;
  /** The line goes behind the first one that contains this. */
  readonly after: string;
  readonly line: string;
}

export interface RepositoryCopy {
  readonly folder: string;
  add(line: AddedLine): void;
  /** Runs a program of the repository to its end and answers what it wrote; throws when it fails. */
  run(program: string, ...args: string[]): Promise<string>;
  /** Starts one of its npm scripts, in a process group of its own. */
  start(script: string, settings: Record<string, string>): ChildProcess;
  /** The text of every file that is committed, by its path. */
  files(): Map<string, string>;
  remove(): void;
}

/** A copy of all that is committed, with the installed packages, as after `npm ci` without its scripts. */
export function copyRepository(): RepositoryCopy {
  const folder = mkdtempSync(join(tmpdir(), 'roster-copy-'));
  const isSource = (path: string) => !generated.includes(basename(path)) && !/\.db(-\w+)?$|\/\.generate-/.test(path);
  cpSync('.', folder, { recursive: true, verbatimSymlinks: true, filter: isSource });
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  const { PATH = '', HOME = '' } = process.env;
  const env = { HOME, PATH: `${resolve('node_modules/.bin')}:${PATH}` };

  return {
    folder,
    add({ file, after, line }) {
      const lines = readFileSync(join(folder, file), 'utf8').split('\n');
      const place = lines.findIndex((text) => text.includes(after));
      if (place < 0) throw new Error(`${file} has no line with ${after}`);
      writeFileSync(join(folder, file), lines.toSpliced(place + 1, 0, line).join('\n'));
    },
    async run(program, ...args) {
      const { stdout, stderr } = await promisify(execFile)(program, args, { cwd: folder, env });
      return stdout + stderr;
    },
    start: (script, settings) =>
      spawn('npm', ['run', '--silent', script], { cwd: folder, env: { ...env, ...settings }, detached: true }),
    files() {
      const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
      const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      const names = paths.map((path) => path.slice(folder.length + 1));
      const sources = names.filter((name) => name.split('/').every((part) => isSource(part)));
      return new Map(sources.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
