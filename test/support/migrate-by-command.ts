import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Migrates with the command line, as an operator would. In a process of its own: the projects' set-ups run side by side in
 * one process, and Prisma's schema engine keeps one memory a process.
 */
export async function migrateByCommand(url: string): Promise<void> {
  const env = { ...process.env, DATABASE_URL: url };
  await promisify(execFile)(process.execPath, ['dist/main.js', 'migrate'], { env });
}
