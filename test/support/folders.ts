import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderInMemory } from '../../scripts/folder-in-memory.ts';

const parent = folderInMemory() ?? tmpdir();

/** An empty folder, in memory where there is plenty of it. The caller removes it. */
export function newFolder(): string {
  return mkdtempSync(join(parent, 'roster-test-'));
}
