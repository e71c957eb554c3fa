import { type ConfigCheck, readConfig } from '../config/config.ts';
import { findWarnings } from '../config/config-checks.ts';
import { findUnknownNames } from '../config/setting-names.ts';
import type { Config } from '../config/settings.ts';
import type { Terminal } from './terminal.ts';

/** The configuration of a command that writes no log: its warnings go to the standard error. */
export function readSettings({ env, stderr }: Terminal, checks: readonly ConfigCheck[] = []): Config {
  const config = readConfig(env, checks);
  warn(stderr, [...findWarnings(config), ...findUnknownNames(env)]);
  return config;
}

export function warn(stderr: Terminal['stderr'], warnings: string[]): void {
  for (const warning of warnings) stderr.write(`Warning: ${warning}.\n`);
}
