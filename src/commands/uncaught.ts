import type { Logger } from 'pino';

const maxReason = 200;

/**
 * What an error means that nobody has caught. A promise that failed while nobody waited for it has harmed nobody: the service
 * goes on. An exception that was thrown to nobody may have left something half done, so the requests in flight finish and
 * the process ends, to be started again.
 */
export function watchUncaught(log: Logger, end: () => void): void {
  let isEnding = false;
  process.on('unhandledRejection', (error) => {
    log.error({ err: error, reason: reasonOf(error) }, 'a failure that nobody waited for: the service goes on');
  });
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error, reason: reasonOf(error) }, 'an exception that nobody caught: the server stops');
    if (isEnding) return;
    isEnding = true;
    end();
  });
}

/** The message without what it quotes, which may be a value. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : typeof error;
  return message.replaceAll(/(["'`]).*?\1/gs, '$1…$1').slice(0, maxReason);
}
