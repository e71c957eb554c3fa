import { type DestinationStream, pino } from 'pino';

/** What waits for an output that does not take it: some thousand lines. Further ones are lost. */
const maxBytes = 1_048_576;
const retryMs = 100;

/**
 * Standard output for a log that neither holds up nor ends the process: a reader that went away (EPIPE), a terminal that
 * did (EIO), a full disk (ENOSPC) and a pipe that nobody empties (EAGAIN) cost lines of the log and nothing else.
 */
export function openLogOutput(): DestinationStream {
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  const output = pino.destination({ dest: 1, sync: true, maxLength: maxBytes, retryEAGAIN: () => false });
  let retrying = false;
  output.on('error', () => {
    if (retrying) return;
    retrying = true;
    const retry = () => {
      retrying = false;
      output.flush();
    };
    setTimeout(retry, retryMs).unref();
  });
  return output;
}
