import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { commandLine } from '../config/command-line.ts';
import { version } from '../config/version.ts';
import { DomainError, OperatorError } from '../errors.ts';
import { allScopes } from '../principal/scopes.ts';
import type { Terminal } from './terminal.ts';

/** Runs what a command line says; each command loads what it needs when it runs, so that none waits for the others. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<void> {
  try {
    await createProgram(terminal).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return; // the help, or the version
    if (!(error instanceof CommanderError)) terminal.stderr.write(`${explain(error)}\n`);
    terminal.fail();
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

function addServer(program: Command, terminal: Terminal): void {
  program
    .command('serve')
    .description(
      'Serve until SIGTERM or SIGINT. An SQLite file is migrated first; a PostgreSQL schema that is behind is refused.',
    )
    .option('--migrate', 'migrate a PostgreSQL schema that is behind, too')
    .action(async (options) => (await import('./serve.ts')).serve(terminal, options));

  program
    .command('migrate')
    .description(
      'Bring the database up to date. A database that is newer, changed or not Roster’s is refused untouched.',
    )
    .action(async () => (await import('./migrate.ts')).runMigrate(terminal));
}

function addApiKeys(program: Command, terminal: Terminal): void {
  const apiKey = program.command('api-key').description('The keys that backends call Roster with.');
  apiKey
    .command('create')
    .argument('<name>', 'what you call it', parseName)
    .description('Make a key and print it on standard output. It cannot be shown again.')
    .option('--scope <scope...>', `what it may do: ${allScopes.join(', ')} (default: all)`)
    .action(async (name, { scope }) => (await import('./api-key.ts')).createApiKey(terminal, name, scope));
  apiKey
    .command('list')
    .description('List all keys: id, name, creation, last use, scopes.')
    .action(async () => (await import('./api-key.ts')).listApiKeys(terminal));
  apiKey
    .command('revoke')
    .argument('<id>', 'the id that "list" shows, such as key_01E4…')
    .description('Revoke a key. Running servers refuse it within two seconds.')
    .action(async (id) => (await import('./api-key.ts')).revokeApiKey(terminal, id));
}

function addJobs(program: Command, terminal: Terminal): void {
  const job = program.command('job').description('What is done beside the requests.');
  job
    .command('list')
    .description('List what waits, runs or has failed: id, kind, state, and why the latest attempt failed.')
    .option('--failed', 'only what has failed')
    .action(async (options) => (await import('./job.ts')).listJobs(terminal, options));
  job
    .command('retry')
    .argument('<id>', 'the id that "list" shows, such as job_01E4…')
    .description('Have a job that has failed, or waits, done now. Running servers begin it within seconds.')
    .action(async (id) => (await import('./job.ts')).retryJob(terminal, id));
}

function addEvents(program: Command, terminal: Terminal): void {
  const events = program
    .command('events')
    .description('What happened to users, sessions and identities, as JSON lines.');
  events
    .command('list')
    .description('Print what happened, oldest first.')
    .option('--types <type...>', 'only these, such as user.updated (default: all)')
    .option('--after <id>', 'only what came after this event')
    .action(async (options) => (await import('./events.ts')).printEvents(terminal, options));
  events
    .command('tail')
    .description('Print what happens from now on, until it is stopped.')
    .option('--types <type...>', 'only these, such as user.updated (default: all)')
    .option('--after <id>', 'begin with what came after this event')
    .action(async (options) => (await import('./events.ts')).followEvents(terminal, options));
}

function addSecrets(program: Command, terminal: Terminal): void {
  const signingKey = program.command('signing-key').description('The keys that access tokens are signed with.');
  signingKey
    .command('rotate')
    .description('Make a key that signs from now on. What the ones before it have signed is accepted until it expires.')
    .option('--discard', 'delete the ones before it: nothing that they have signed is accepted any more')
    .action(async (options) => (await import('./signing-key.ts')).rotateSigningKey(terminal, options));
  signingKey
    .command('list')
    .description('List all keys: id, creation, whether they sign, are still accepted, or no longer.')
    .action(async () => (await import('./signing-key.ts')).listSigningKeys(terminal));

  program
    .command('secret')
    .description('The secret that signing keys, codes and mails are sealed with.')
    .command('rotate')
    .requiredOption(
      '--to <where>',
      'the new one: env:NAME for the variable that holds it, or @PATH for the file that does',
    )
    .description(
      'Seal under a new secret what is sealed under SIGNING_KEY_SECRET. May be stopped anywhere, and run again.',
    )
    .action(async (options) => (await import('./secret.ts')).rotateSecret(terminal, options));
}

function addMail(program: Command, terminal: Terminal): void {
  const mail = program.command('mail').description('What Roster sends.');
  mail
    .command('preview')
    .description('Write every mail in every language, as text and as HTML, with made-up values.')
    .option('--output <folder>', 'where to', 'mail-preview')
    .action(async (options) => (await import('./mail.ts')).previewMails(terminal, options));
  mail
    .command('test')
    .argument('<address>', 'where to, such as your own address')
    .description('Send one mail with the settings, and say what is wrong with them if it is not taken.')
    .action(async (address) => (await import('./mail.ts')).testMail(terminal, address));
}

function addData(program: Command, terminal: Terminal): void {
  program
    .command('hash')
    .description('Password hashes that you want to bring along.')
    .command('check')
    .argument('<file>', 'JSON lines: {"email", "passwordHash", "passwordHashType", "passwordSaltPosition"?}')
    .description(
      'Say of each line whether it would be accepted, and if not why. Writes nothing; ends with 1 if any is refused.',
    )
    .action(async (file) => (await import('./hash-check.ts')).checkHashes(terminal, file));

  program
    .command('copy')
    .description('Move an SQLite store to an empty PostgreSQL database: in batches, resumable, compared at the end.')
    .requiredOption('--from <url>', 'the source, such as file:./roster.db; nobody can write to it meanwhile')
    .requiredOption(
      '--to <url>',
      'the target: a URL, env:NAME for the variable that holds it, or @PATH for the file that does',
    )
    .action(async (options) => (await import('./copy.ts')).copy(terminal, options));

  program
    .command('seed')
    .description('Fill an empty database with made-up users and identities, the same ones every time.')
    .option('--users <count>', 'how many users', parseCount, 1000)
    .action(async (options) => (await import('./seed.ts')).seed(terminal, options));
}

function addMoving(program: Command, terminal: Terminal): void {
  const importing = program
    .command('import')
    .argument('<file...>', 'what the other system has written; - for standard input; gzip is unpacked')
    .description(
      'Bring users along from another system. Stopped anywhere, it goes on where it was when it is run again.',
    )
    .option('--from <format>', 'where they come from (default: what the first record looks like)')
    .option('--dry-run', 'write nothing; tell what would be done')
    .option('--on-conflict <what>', 'with who is there already: skip, update or fail', 'skip')
    .option('--weak-hashes <what>', 'with hashes too weak to be stored: wrap, skip or refuse', 'wrap')
    .option('--errors <file>', 'where to write what did not come along, as JSON lines')
    .option(
      '--map <field=path>',
      'read a field from elsewhere, such as email=traits.email; may be given again',
      addTo,
      [],
    )
    .option('--events', 'record user.created of each')
    .option('--trust-emails', 'count addresses as verified where the source says nothing')
    .option('--require-passwords', 'refuse users whose password cannot be carried')
    .option('--split-name <where>', 'make given and family name of a full name: first-space')
    .option('--metadata <how>', 'what is nested: flat leaves it out, json keeps it as text', 'flat')
    .option('--keycloak-idp-email <whose>', 'the address of identities that have none: user')
    .option('--firebase-config <file>', 'the password hash parameters of the Firebase project')
    .action(async (files, options) => (await import('./import.ts')).importUsers(terminal, files, options));
  importing
    .command('status')
    .description('List imports: how far they are, and what became of their records.')
    .action(async () => (await import('./import.ts')).showImports(terminal));

  program
    .command('export')
    .description('Write all users, as they are at one moment, with identities and hashes of passwords.')
    .option('--format <format>', 'roster, workos-csv or auth0', 'roster')
    .option('--output <file>', 'where to; only you can read it (default: standard output)')
    .option('--without-passwords', 'leave the hashes of passwords out')
    .action(async (options) => (await import('./export.ts')).exportStore(terminal, options));
}

function parseName(name: string): string {
  if (name.trim() === '' || name.length > 100 || /\p{C}/u.test(name)) {
    throw new InvalidArgumentError('A name has 1 to 100 characters, none of them a control character.');
  }
  return name;
}

function addTo(text: string, texts: string[]): string[] {
  return [...texts, text];
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('Expected a whole number from 1 up.');
  return count;
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
