import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Provider } from '../../config/database-url.ts';
import { OperatorError } from '../../errors.ts';

export interface Migration {
  /** The name of the folder: a time and a description. */
  readonly name: string;
  readonly script: string;
  /** SHA-256 of the script, as Prisma Migrate keeps it in the database. */
  readonly checksum: string;
}

/** The build, whose code is in `dist/chunks`, has a copy of the folder in it: it knows no migration that is newer than its code. */
const folder = new URL(import.meta.url.endsWith('.ts') ? '../../../prisma/' : '../prisma/', import.meta.url);

/** The folder with the models of one database, and with its migrations. */
export function schemaFolder(provider: Provider): string {
  return fileURLToPath(new URL(`${provider}/`, folder));
}

/** The migrations that this version of Roster brings, oldest first. */
export function readMigrations(provider: Provider): Migration[] {
  const folder = join(schemaFolder(provider), 'migrations');
  if (!existsSync(folder)) throw new OperatorError(`There is no folder ${folder}. Run "npm run build" to its end.`);
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const script = readFileSync(join(folder, name, 'migration.sql'), 'utf8');
      return { name, script, checksum: createHash('sha256').update(script).digest('hex') };
    });
}
