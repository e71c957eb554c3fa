import type { Command } from 'commander';
import type { Terminal } from '../terminal.ts';

export function addServer(program: Command, terminal: Terminal): void {
  program
    .command('serve')
    .description(
      'Serve until SIGTERM or SIGINT. An SQLite file is migrated first; a PostgreSQL schema that is behind is refused.',
    )
    .option('--migrate', 'migrate a PostgreSQL schema that is behind, too')
    .action(async (options) => (await import('../serve.ts')).serve(terminal, options));

  program
    .command('migrate')
    .description(
      'Bring the database up to date. A database that is newer, changed or not Roster’s is refused untouched.',
    )
    .action(async () => (await import('../migrate.ts')).runMigrate(terminal));
}
