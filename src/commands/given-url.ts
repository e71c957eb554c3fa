import { OperatorError } from '../errors.ts';
import { readTextFile } from '../input/text-file.ts';

/**
 * The URL that an option gives: itself, the variable that holds it as `env:NAME`, or the file that does as `@PATH`. What
 * stands on a command line, every user of the machine can read, and the shell keeps it.
 */
export function givenUrl(option: string, text: string, env: NodeJS.ProcessEnv): string {
  const [, variable] = /^env:(.*)$/s.exec(text) ?? [];
  const url = variable !== undefined ? env[variable] : text.startsWith('@') ? readTextFile(text.slice(1)).trim() : text;
  if (url) return url;
  throw new OperatorError(
    `${option}: ${variable !== undefined ? `the variable ${variable} is not set` : `${text} is empty`}.`,
  );
}
