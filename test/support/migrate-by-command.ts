import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Migrates with the command line, as an operator would. */
export async function migrateByCommand(url: string): Promise<void> {
  const env = { ...process.env, DATABASE_URL: url };
  await promisify(execFile)(process.execPath, ['dist/main.js', 'migrate'], { env });
}
