import type { Logger } from 'pino';
import { reasonWithoutValues } from '../errors.ts';

/**
 * What an error means that nobody has caught. A promise that failed while nobody waited for it has harmed nobody: the service
 * goes on. An exception that was thrown to nobody may have left something half done, so the requests in flight finish and
 * the process ends, to be started again. Answers what ends the watch.
 */
export function watchUncaught(log: Logger, end: () => void): () => void {
  let isEnding = false;
  const onRejection = (error: unknown) => {
    log.error(
      { err: error, reason: reasonWithoutValues(error) },
      'a failure that nobody waited for: the service goes on',
    );
  };
  const onException = (error: Error) => {
    log.fatal({ err: error, reason: reasonWithoutValues(error) }, 'an exception that nobody caught: the server stops');
    if (isEnding) return;
    isEnding = true;
    end();
  };
  process.on('unhandledRejection', onRejection).on('uncaughtException', onException);
  return () => void process.off('unhandledRejection', onRejection).off('uncaughtException', onException);
}
