import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const folder = join(import.meta.dirname, '../generated');

/**
 * What a file of YAML holds. A megabyte takes more than a second to parse, in each process of each run, so what was parsed is
 * kept as JSON, under the hash of the text.
 */
export function readYaml(file: string): unknown {
  const text = readFileSync(file, 'utf8');
  const parsed = join(folder, `${createHash('sha256').update(text).digest('hex')}.json`);
  if (!existsSync(parsed)) keep(parsed, JSON.stringify(parse(text)));
  return JSON.parse(readFileSync(parsed, 'utf8'));
}

/** Whole or not at all, for a process that looks at the same time. */
function keep(path: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, path);
}
