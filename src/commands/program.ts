import { Command, CommanderError } from 'commander';
import { commandLine } from '../config/command-line.ts';
import { version } from '../config/version.ts';
import { DomainError, OperatorError } from '../errors.ts';
import { addEvents, addJobs, addMail } from './declared/activity.ts';
import { addApiKeys, addSecrets } from './declared/keys.ts';
import { addMoving } from './declared/moving.ts';
import { addServer } from './declared/server.ts';
import { addData } from './declared/store.ts';
import type { Terminal } from './terminal.ts';

/** Runs what a command line says; each command loads what it needs when it runs, so that none waits for the others. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<void> {
  if (args[0] !== 'serve') outliveReaders(terminal); // whose log has a rule of its own
  try {
    await createProgram(terminal).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return; // the help, or the version
    if (!(error instanceof CommanderError)) terminal.stderr.write(`${explain(error)}\n`);
    terminal.fail();
  }
}

/** `head` and the like close an output when they have enough: that is no error, and what was asked for is done all the same. */
function outliveReaders({ stdout, stderr, fail }: Terminal): void {
  for (const output of [stdout, stderr]) {
    output.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') fail();
    });
  }
}

function createProgram(terminal: Terminal): Command {
  const program = new Command(commandLine)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    })
    .description(
      'Roster, a self-hosted user store. Settings come from the environment; docs/configuration.md lists them.',
    )
    .version(version)
    .showHelpAfterError()
    .addHelpText(
      'after',
      `\nStart here:\n  $ npm start                                  serve on http://127.0.0.1:4000/graphql\n  $ ${commandLine} api-key create backend   make a key for a backend`,
    );
  for (const add of [addServer, addApiKeys, addJobs, addEvents, addSecrets, addMail, addData, addMoving])
    add(program, terminal);
  return program;
}

/** Errors that are the operator's to mend are a sentence; anything else keeps its stack. */
function explain(error: unknown): string {
  if (error instanceof OperatorError || error instanceof DomainError) return error.message;
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT' && 'path' in error)
    return `There is no file ${error.path}.`;
  if (error instanceof Error && 'syscall' in error && ['listen', 'getaddrinfo'].includes(String(error.syscall))) {
    return `Cannot listen: ${error.message}. Set HOST and PORT to a free address, or stop the program that has it.`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
