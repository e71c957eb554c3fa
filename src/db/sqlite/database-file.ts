import { closeSync, existsSync, openSync, type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { DriverAdapterError } from '@prisma/driver-adapter-utils';

/** SQLite's name for a database that is in no file. */
export const inMemory = ':memory:';

/** The database is in the first; the others are SQLite's own, for its write-ahead log. */
export const filesOf = (path: string) => [path, `${path}-wal`, `${path}-shm`].filter((file) => existsSync(file));

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
