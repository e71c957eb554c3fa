import { spawn } from 'node:child_process';
import type { Logger } from 'pino';
import type { StopPhase } from '../app.ts';
import type { RunningServer } from '../create-app.ts';

/** What a stop may take besides `SHUTDOWN_TIMEOUT_MS`, to close the database and to end. */
const closingMs = 3000;
/** Then the process has this long to end by itself. */
const endingMs = 1000;

type Phase = StopPhase | 'requests' | 'threads';

const waitingFor: Record<Phase, string> = {
  requests: 'requests in flight',
  jobs: 'jobs to end',
  database: 'the database to close its connections',
  threads: 'threads of the process, which wait for a file, a name or a hash',
};

/**
 * Stops the server and ends the process with this code, within `SHUTDOWN_TIMEOUT_MS` and a few seconds, whatever hangs, and says in the log
 * what did.
 */
export function stopProcess(server: RunningServer, log: Logger, timeoutMs: number, code = 0): void {
  const deadlineMs = timeoutMs + closingMs;
  const guard = startGuard(deadlineMs + endingMs);
  let phase: Phase = 'requests';
  const enter = (next: Phase) => {
    phase = next;
    guard(next);
  };
  const end = (code: number) => {
    enter('threads');
    process.exit(code);
  };
  const giveUp = () => {
    log.error({ waitingFor: waitingFor[phase], deadlineMs }, 'the stop takes too long: ending all the same');
    end(1);
  };
  enter(phase);
  setTimeout(giveUp, deadlineMs);
  server.stop(enter).then(
    () => end(code),
    (error: unknown) => {
      log.error({ err: error, waitingFor: waitingFor[phase] }, 'the stop failed');
      end(1);
    },
  );
}

/**
 * A process that kills this one when it is still there after so long. No timer of its own would do: `process.exit` waits for
 * the threads that read files, look names up and hash, and those may hang in the kernel. The guard ends with this process,
 * whose end of the pipe closes then. Answers the function that tells it what is waited for.
 */
function startGuard(ms: number): (phase: Phase) => void {
  const script = `
    let latest = '';
    process.stdin.on('data', (lines) => (latest = String(lines).trim().split('\\n').at(-1)));
    process.stdin.on('end', () => process.exit());
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => {});
    process.stdout.on('error', () => {});
    setTimeout(() => {
      process.kill(${process.pid}, 'SIGKILL');
      const line = { level: 60, time: new Date().toISOString(), pid: ${process.pid}, waitingFor: latest };
      process.stdout.write(JSON.stringify({ ...line, msg: 'the stop hung: killed' }) + '\\n', () => process.exit());
    }, ${ms});`;
  const guard = spawn(process.execPath, ['-e', script], { cwd: '/', env: {}, stdio: ['pipe', 'inherit', 'ignore'] });
  guard.on('error', () => {}); // no process can be started: the stop goes on without
  guard.stdin.on('error', () => {});
  return (phase) => void guard.stdin.write(`${waitingFor[phase]}\n`);
}
