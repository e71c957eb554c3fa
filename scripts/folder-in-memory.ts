import { accessSync, constants, statfsSync } from 'node:fs';
import { freemem } from 'node:os';

/**
 * Linux's file system in memory, where there is plenty of both: containers often have 64 MB of it. A database of PostgreSQL is
 * some three hundred files, and tests make and remove hundreds of databases.
 */
export function folderInMemory(): string | null {
  const [folder, neededBytes] = ['/dev/shm', 2 ** 31];
  try {
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    return Math.min(bavail * bsize, freemem()) >= neededBytes ? folder : null;
  } catch {
    return null; // it is not Linux
  }
}
