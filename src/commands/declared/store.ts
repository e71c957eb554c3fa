import { type Command, InvalidArgumentError } from 'commander';
import type { Terminal } from '../terminal.ts';

export function addData(program: Command, terminal: Terminal): void {
  program
    .command('hash')
    .description('Password hashes that you want to bring along.')
    .command('check')
    .argument('<file>', 'JSON lines: {"email", "passwordHash", "passwordHashType", "passwordSaltPosition"?}')
    .description(
      'Say of each line whether it would be accepted, and if not why. Writes nothing; ends with 1 if any is refused.',
    )
    .action(async (file) => (await import('../hash-check.ts')).checkHashes(terminal, file));

  program
    .command('copy')
    .description('Move an SQLite store to an empty PostgreSQL database: in batches, resumable, compared at the end.')
    .requiredOption('--from <url>', 'the source, such as file:./roster.db; nobody can write to it meanwhile')
    .requiredOption(
      '--to <url>',
      'the target: a URL, env:NAME for the variable that holds it, or @PATH for the file that does',
    )
    .action(async (options) => (await import('../copy.ts')).copy(terminal, options));

  program
    .command('seed')
    .description('Fill an empty database with made-up users and identities, the same ones every time.')
    .option('--users <count>', 'how many users', parseCount, 1000)
    .action(async (options) => (await import('../seed.ts')).seed(terminal, options));
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('Expected a whole number from 1 up.');
  return count;
}
