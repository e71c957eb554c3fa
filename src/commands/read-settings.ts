import { type Config, findWarnings, readConfig } from '../config.ts';

/** The configuration of a command that writes no log: its warnings go to the standard error. */
export function readSettings(): Config {
  const config = readConfig();
  warn(findWarnings(config));
  return config;
}

export function warn(warnings: string[]): void {
  for (const warning of warnings) process.stderr.write(`Warning: ${warning}.\n`);
}
