import type { DestinationStream } from 'pino';

/** What a command is given by whoever runs it: its settings, and where it writes. */
export interface Terminal {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream;
  /** What takes the log of a server to standard output. */
  readonly openLog: () => Promise<DestinationStream>;
  /** Lets the command, which goes on, end with 1. */
  readonly fail: () => void;
}

/** Those of this process. Nothing else reads its environment. */
export const ownTerminal: Terminal = {
  env: process.env,
  get stdin() {
    return process.stdin; // asked for where it is read: a process that has opened it does not end by itself
  },
  stdout: process.stdout,
  stderr: process.stderr,
  openLog: async () => (await import('../log/log-output.ts')).openLogOutput(),
  fail: () => {
    process.exitCode = 1;
  },
};
