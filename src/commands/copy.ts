import { SingleBar } from 'cli-progress';
import { findParameterWarnings } from '../config/database-url-parameters.ts';
import { settings } from '../config/settings.ts';
import { CopyRefused, copyStore } from '../db/copy.ts';
import { databaseOptions } from '../db/database-options.ts';
import { givenUrl } from './given-url.ts';
import { readSettings, warn } from './read-settings.ts';
import { createReasonTeller } from './tell-reason.ts';
import type { Terminal } from './terminal.ts';

/** `roster copy`: moves a store to PostgreSQL, compares both, and prints what was copied. */
export async function copy(terminal: Terminal, { from, to }: { from: string; to: string }): Promise<void> {
  const options = {
    ...databaseOptions(readSettings(terminal)),
    readUrl: undefined,
    onUnavailable: createReasonTeller(terminal),
  };
  const source = { ...options, url: checked(terminal, '--from', from) };
  const target = { ...options, url: checked(terminal, '--to', to) };
  const bar = new SingleBar({
    format: 'Copying {bar} {percentage}% {value}/{total} rows, {eta_formatted} left',
    stream: terminal.stderr,
  });
  try {
    const checks = await copyStore(source, target, {
      start: (rows, done) => bar.start(rows, done),
      update: (done) => bar.update(done),
    });
    bar.stop();
    for (const { table, rows, checksum } of checks) {
      terminal.stdout.write(`${table.padEnd(24)}${String(rows).padStart(10)} rows  sha256 ${checksum}\n`);
    }
    terminal.stdout.write('Both databases agree. Start Roster with DATABASE_URL set to the new one.\n');
  } finally {
    bar.stop();
  }
}

/** The URL, if it would do as DATABASE_URL. */
function checked({ env, stderr }: Terminal, option: string, given: string): string {
  const url = givenUrl(option, given, env);
  const { error } = settings.DATABASE_URL.safeParse(url);
  if (error) throw new CopyRefused(`${option}: ${error.issues.map(({ message }) => message).join('; ')}`);
  warn(
    stderr,
    findParameterWarnings(url).map((warning) => `${option}: ${warning}`),
  );
  return url;
}
