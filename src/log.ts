import { type Logger, pino } from 'pino';
import type { Config } from './config.ts';
import { openLogOutput } from './log-output.ts';

/** Structured log lines on standard output. Callers log ids and numbers, never input or what was stored. */
export function createLog(config: Pick<Config, 'LOG_LEVEL'>): Logger {
  const options = {
    level: config.LOG_LEVEL,
    serializers: { err: describeError },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  return pino(options, openLogOutput());
}

/** Messages of database errors can quote values, so only what kind of error it is, and where, is logged. */
function describeError(error: unknown) {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code } = error as { code?: unknown };
  const stack = error.stack?.split('\n').filter((line) => /^\s+at /.test(line));
  return { type: error.name, ...(typeof code === 'string' && { code }), stack: stack?.join('\n') };
}
