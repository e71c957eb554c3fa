import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DriverAdapterError } from '@prisma/driver-adapter-utils';
import { describe } from '../../config/database-url.ts';
import { isUnusableFile, reasonOf } from '../errors.ts';
import { inUse, isUnloadable, MigrationRefused, unloadable } from '../migrations/refused.ts';
import type { DatabaseOptions } from '../options.ts';
import { filesOf, inMemory } from './database-file.ts';

/** Throws MigrationRefused, with the path, where this process cannot read and write the file or make one. */
export function assertUsableFile(path: string): void {
  if (path === inMemory) return;
  const folder = resolve(dirname(path));
  if (!existsSync(folder)) {
    throw new MigrationRefused(`The folder ${folder} does not exist. Make it, or set DATABASE_URL to another file.`);
  }
  if (existsSync(path) && !statSync(path).isFile()) {
    throw new MigrationRefused(`${resolve(path)} is not a file. Set DATABASE_URL to the path of one.`);
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
    throw new MigrationRefused(
      `${name} cannot be written: ${reason}. ${why}: give that user (uid ${process.getuid?.()}) the right, or set DATABASE_URL to another place.`,
    );
  }
}

/** The refusal of a file that could not be read, with the reason. */
export function refuseUnreadableFile(options: DatabaseOptions, error: unknown): MigrationRefused {
  if (isUnloadable(error)) return unloadable(error);
  const reason = reasonOf(error);
  if (error instanceof DriverAdapterError && error.cause.kind === 'SocketTimeout') return inUse(options);
  if (isUnusableFile(error)) {
    return new MigrationRefused(
      `${describe(options)} cannot be used: ${reason}. See whether its disk is full, read-only or broken, and start again.`,
    );
  }
  return new MigrationRefused(
    `${describe(options)} cannot be read as an SQLite database: ${reason}. It was left as it is; set DATABASE_URL to another file.`,
  );
}
