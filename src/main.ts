#!/usr/bin/env node
import { Command, InvalidArgumentError } from 'commander';
import { createApiKey, listApiKeys, revokeApiKey } from './commands/api-key.ts';
import { checkHashes } from './commands/hash-check.ts';
import { runMigrate } from './commands/migrate.ts';
import { seed } from './commands/seed.ts';
import { serve } from './commands/serve.ts';
import { ConfigError } from './config.ts';
import { MigrationRefused } from './db/migrate.ts';
import { DomainError } from './errors.ts';

const program = new Command('roster')
  .description('Roster, a self-hosted user store. Settings come from the environment; the README lists them.')
  .showHelpAfterError()
  .addHelpText(
    'after',
    '\nStart here:\n  $ npm start                        serve on http://127.0.0.1:4000/graphql\n  $ roster api-key create backend    make a key for a backend',
  );

program.command('serve').description('Migrate the database, then serve until SIGTERM or SIGINT.').action(serve);

program
  .command('migrate')
  .description('Bring the database up to date. A database that is newer, changed or not Roster’s is refused untouched.')
  .action(runMigrate);

const apiKey = program.command('api-key').description('The keys that backends call Roster with.');
apiKey
  .command('create')
  .argument('<name>', 'what you call it', parseName)
  .description('Make a key and print it on standard output. It cannot be shown again.')
  .action(createApiKey);
apiKey.command('list').description('List all keys: id, name, creation, last use.').action(listApiKeys);
apiKey
  .command('revoke')
  .argument('<id>', 'the id that "list" shows, such as key_01E4…')
  .description('Revoke a key. Running servers refuse it within two seconds.')
  .action(revokeApiKey);

program
  .command('hash')
  .description('Password hashes that you want to bring along.')
  .command('check')
  .argument('<file>', 'JSON lines: {"email", "passwordHash", "passwordHashType", "passwordSaltPosition"?}')
  .description(
    'Say of each line whether it would be accepted, and if not why. Writes nothing; ends with 1 if any is refused.',
  )
  .action(checkHashes);

program
  .command('seed')
  .description('Fill an empty database with made-up users and identities, the same ones every time.')
  .option('--users <count>', 'how many users', parseCount, 1000)
  .action(seed);

function parseName(name: string): string {
  if (name.trim() === '' || name.length > 100) throw new InvalidArgumentError('A name has 1 to 100 characters.');
  return name;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('Expected a whole number from 1 up.');
  return count;
}

/** Errors that are the operator's to mend are a sentence; anything else keeps its stack. */
function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof MigrationRefused || error instanceof DomainError)
    return error.message;
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
    return `There is no such file: ${error.message}`;
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return `The address is in use: ${error.message}. Stop the other program or set PORT.`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}
