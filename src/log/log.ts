import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import type { Config } from '../config/settings.ts';
import { formatForTerminal } from './log-format.ts';

/** Where a log goes. */
interface LogPlace {
  readonly env: { readonly NO_COLOR?: string | undefined };
  readonly stdout: { readonly isTTY?: boolean };
  /** Takes the lines to standard output. */
  readonly output: DestinationStream;
}

/**
 * Structured log lines on standard output: JSON, and on a terminal the same to be read. In production always JSON, with
 * pino's numbers for levels, as log collectors expect them. Callers log ids and numbers, never input or what was stored.
 */
export function createLog(
  { LOG_LEVEL, NODE_ENV }: Pick<Config, 'LOG_LEVEL' | 'NODE_ENV'>,
  { env, stdout, output }: LogPlace,
): Logger {
  const options: LoggerOptions = {
    level: LOG_LEVEL,
    serializers: logSerializers,
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  if (NODE_ENV === 'production') return pino(options, output);
  const inWords = { ...options, formatters: { level: (label: string) => ({ level: label }) } };
  if (!stdout.isTTY) return pino(inWords, output);
  return pino(inWords, { write: (line) => output.write(formatForTerminal(line, { color: !env.NO_COLOR })) });
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
