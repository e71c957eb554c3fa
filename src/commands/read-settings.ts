import { type ConfigCheck, readConfig } from '../config/config.ts';
import { findWarnings } from '../config/config-checks.ts';
import { findUnknownNames } from '../config/setting-names.ts';
import type { Config } from '../config/settings.ts';

/** The configuration of a command that writes no log: its warnings go to the standard error. */
export function readSettings(checks: readonly ConfigCheck[] = []): Config {
  const config = readConfig(undefined, checks);
  warn([...findWarnings(config), ...findUnknownNames()]);
  return config;
}

export function warn(warnings: string[]): void {
  for (const warning of warnings) process.stderr.write(`Warning: ${warning}.\n`);
}
