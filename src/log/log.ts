import { type Logger, type LoggerOptions, pino } from 'pino';
import { environment } from '../config/config.ts';
import type { Config } from '../config/settings.ts';
import { formatForTerminal } from './log-format.ts';
import { openLogOutput } from './log-output.ts';

/**
 * Structured log lines on standard output: JSON, and on a terminal the same to be read. In production always JSON, with
 * pino's numbers for levels, as log collectors expect them. Callers log ids and numbers, never input or what was stored.
 */
export function createLog({ LOG_LEVEL, NODE_ENV }: Pick<Config, 'LOG_LEVEL' | 'NODE_ENV'>): Logger {
  const options: LoggerOptions = {
    level: LOG_LEVEL,
    serializers: logSerializers,
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  const output = openLogOutput();
  if (NODE_ENV === 'production') return pino(options, output);
  const inWords = { ...options, formatters: { level: (label: string) => ({ level: label }) } };
  if (!process.stdout.isTTY) return pino(inWords, output);
  return pino(inWords, { write: (line) => output.write(formatForTerminal(line, { color: !environment.NO_COLOR })) });
}

/** How each line tells of what it is given. */
export const logSerializers = { err: describeError };

/** Messages of database errors can quote values, so only what kind of error it is, and where, is logged. */
function describeError(error: unknown) {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code } = error as { code?: unknown };
  const stack = error.stack?.split('\n').filter((line) => /^\s+at /.test(line));
  return { type: error.name, ...(typeof code === 'string' && { code }), stack: stack?.join('\n') };
}
