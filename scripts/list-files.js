import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The paths of all files in a folder, or of the one file that the path names; none where there is nothing. */
export function listFiles(path) {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
