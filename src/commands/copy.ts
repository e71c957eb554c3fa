import { SingleBar } from 'cli-progress';
import { findParameterWarnings } from '../config/database-url-parameters.ts';
import { settings } from '../config/settings.ts';
import { CopyRefused, copyStore } from '../db/copy.ts';
import { databaseOptions } from '../db/database-options.ts';
import { givenUrl } from './given-url.ts';
import { readSettings, warn } from './read-settings.ts';
import { createReasonTeller } from './tell-reason.ts';

/** `roster copy`: moves a store to PostgreSQL, compares both, and prints what was copied. */
export async function copy({ from, to }: { from: string; to: string }): Promise<void> {
  const options = { ...databaseOptions(readSettings()), readUrl: undefined, onUnavailable: createReasonTeller() };
  const source = { ...options, url: checked('--from', givenUrl('--from', from)) };
  const target = { ...options, url: checked('--to', givenUrl('--to', to)) };
  const bar = new SingleBar({ format: 'Copying {bar} {percentage}% {value}/{total} rows, {eta_formatted} left' });
  try {
    const checks = await copyStore(source, target, {
      start: (rows, done) => bar.start(rows, done),
      update: (done) => bar.update(done),
    });
    bar.stop();
    for (const { table, rows, checksum } of checks) {
      process.stdout.write(`${table.padEnd(24)}${String(rows).padStart(10)} rows  sha256 ${checksum}\n`);
    }
    process.stdout.write('Both databases agree. Start Roster with DATABASE_URL set to the new one.\n');
  } finally {
    bar.stop();
  }
}

/** The URL, if it would do as DATABASE_URL. */
function checked(option: string, url: string): string {
  const { error } = settings.DATABASE_URL.safeParse(url);
  if (error) throw new CopyRefused(`${option}: ${error.issues.map(({ message }) => message).join('; ')}`);
  warn(findParameterWarnings(url).map((warning) => `${option}: ${warning}`));
  return url;
}
