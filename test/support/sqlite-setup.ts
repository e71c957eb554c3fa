import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { migrateByCommand } from './migrate-by-command.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A migrated, empty SQLite file, for the tests to copy. */
    sqliteTemplate: string;
  }
}

/** Migrates one database with the real migrations; every test copies it. */
export async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'roster-test-'));
  const template = join(folder, 'template.db');
  await migrateByCommand(`file:${template}`);
  project.provide('sqliteTemplate', template);
  return () => rmSync(folder, { recursive: true, force: true });
}
