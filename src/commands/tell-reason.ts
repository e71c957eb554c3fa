import type { Terminal } from './terminal.ts';

/**
 * What a command says when it is refused because the database is busy or away: the error itself has no reason in it, since
 * clients of the server see such errors.
 */
export function createReasonTeller({ stderr }: Terminal): (database: string, reason: string) => void {
  let told = '';
  return (database, reason) => {
    const line = `${database}: ${reason}.\n`;
    if (line !== told) stderr.write(line);
    told = line;
  };
}
