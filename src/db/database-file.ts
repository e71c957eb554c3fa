import { accessSync, closeSync, constants, existsSync, openSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DriverAdapterError } from '@prisma/driver-adapter-utils';
import { OperatorError } from '../errors.ts';

/** SQLite's name for a database that is in no file. */
const inMemory = ':memory:';

/** The database is in the first; the others are SQLite's own, for its write-ahead log. */
const filesOf = (path: string) => [path, `${path}-wal`, `${path}-shm`].filter((file) => existsSync(file));

/** Throws OperatorError, with the path, where this process cannot read and write the file or make one. */
export function assertUsableFile(path: string): void {
  if (path === inMemory) return;
  const folder = resolve(dirname(path));
  if (!existsSync(folder)) {
    throw new OperatorError(`The folder ${folder} does not exist. Make it, or set DATABASE_URL to another file.`);
  }
  if (existsSync(path) && !statSync(path).isFile()) {
    throw new OperatorError(`${resolve(path)} is not a file. Set DATABASE_URL to the path of one.`);
  }
  assertAccess(folder, constants.W_OK | constants.X_OK, `The folder ${folder}`, 'SQLite keeps its log there');
  for (const file of filesOf(path))
    assertAccess(file, constants.R_OK | constants.W_OK, resolve(file), 'Roster writes it');
}

function assertAccess(path: string, mode: number, name: string, why: string): void {
  try {
    accessSync(path, mode);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reason =
      code === 'EROFS' ? 'its file system is read-only' : `the user of this process has no right to (${code})`;
    throw new OperatorError(
      `${name} cannot be written: ${reason}. ${why}: give that user (uid ${process.getuid?.()}) the right, or set DATABASE_URL to another place.`,
    );
  }
}

/** Makes the file, if there is none, for nobody else to read. SQLite gives the files of its log the same rights. */
export function makePrivateFile(path: string): void {
  if (path !== inMemory) closeSync(openSync(path, 'a', 0o600));
}

/**
 * Answers a check that throws when a file that a connection has open is not the one at its path any more: SQLite would go on
 * writing, to a file that nobody finds again. The files of the log are there from the first transaction on.
 */
export function watchFiles(path: string): () => void {
  if (path === inMemory) return () => {};
  const opened = new Map<string, Stats>();
  const check = (file: string) => {
    const found = statSync(file, { throwIfNoEntry: false });
    const known = opened.get(file);
    if (known && !(found?.ino === known.ino && found.dev === known.dev)) throw fileReplaced(file);
    if (found) opened.set(file, found);
  };
  const names = [path, `${path}-wal`, `${path}-shm`].map((file) => resolve(file));
  check(names[0] as string);
  return () => names.forEach(check);
}

/** Stopping before anything is put in place: a running Roster writes to the files that it has open. */
function fileReplaced(file: string): DriverAdapterError {
  return new DriverAdapterError({
    kind: 'DatabaseNotReachable',
    originalMessage: `${file} was removed or replaced while Roster had it open. Stop Roster, put the files of the database in their places, and start it again`,
  });
}

/** The files of the database that every user of the machine can read or write. */
export function findExposedFiles(path: string): string[] {
  if (path === inMemory || process.platform === 'win32') return []; // there the mode says nothing
  return filesOf(path).filter((file) => (statSync(file).mode & 0o006) !== 0);
}
