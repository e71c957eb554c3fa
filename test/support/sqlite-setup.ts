import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { newFolder } from './folders.ts';
import { migrateByCommand } from './migrate-by-command.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A migrated, empty SQLite file, for the tests to copy. */
    sqliteTemplate: string;
  }
}

/** Migrates one database with the real migrations; every test copies it. */
export async function setup(project: TestProject): Promise<() => void> {
  const folder = newFolder();
  const template = join(folder, 'template.db');
  await migrateByCommand(`file:${template}`);
  project.provide('sqliteTemplate', template);
  return () => rmSync(folder, { recursive: true, force: true });
}
