import type { Logger } from 'pino';
import { reasonWithoutValues } from '../errors.ts';

/**
 * What an error means that nobody has caught. A promise that failed while nobody waited for it has harmed nobody: the service
 * goes on. An exception that was thrown to nobody may have left something half done, so the requests in flight finish and
 * the process ends, to be started again.
 */
export function watchUncaught(log: Logger, end: () => void): void {
  let isEnding = false;
  process.on('unhandledRejection', (error) => {
    log.error(
      { err: error, reason: reasonWithoutValues(error) },
      'a failure that nobody waited for: the service goes on',
    );
  });
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error, reason: reasonWithoutValues(error) }, 'an exception that nobody caught: the server stops');
    if (isEnding) return;
    isEnding = true;
    end();
  });
}
