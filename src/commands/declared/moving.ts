import type { Command } from 'commander';
import type { Terminal } from '../terminal.ts';

export function addMoving(program: Command, terminal: Terminal): void {
  const importing = program
    .command('import')
    .argument('<file...>', 'what the other system has written; - for standard input; gzip is unpacked')
    .description(
      'Bring users along from another system. Stopped anywhere, it goes on where it was when it is run again.',
    )
    .option(
      '--from <format>',
      'where they come from: roster, csv, workos, auth0, firebase, supabase, clerk, keycloak, better-auth, django, kratos, fusionauth, okta, cognito or ldif (default: what the first record looks like)',
    )
    .option('--dry-run', 'write nothing; tell what would be done')
    .option('--on-conflict <what>', 'with who is there already: skip, update or fail', 'skip')
    .option('--weak-hashes <what>', 'with hashes too weak to be stored: wrap, skip or refuse', 'wrap')
    .option('--errors <file>', 'where to write what did not come along, as JSON lines')
    .option('--map <field=path>', 'read a field from elsewhere, such as email=traits.email; may be given again', addTo)
    .option('--events', 'record user.created of each')
    .option('--trust-emails', 'count addresses as verified where the source says nothing')
    .option('--require-passwords', 'refuse users whose password cannot be carried')
    .option('--split-name <where>', 'make given and family name of a full name: first-space')
    .option('--metadata <how>', 'what is nested: flat leaves it out, json keeps it as text', 'flat')
    .option('--keycloak-idp-email <whose>', 'the address of identities that have none: user')
    .option('--firebase-config <file>', 'the password hash parameters of the Firebase project')
    .action(async (files, options) => (await import('../import.ts')).importUsers(terminal, files, options));
  importing
    .command('status')
    .description('List imports: how far they are, and what became of their records.')
    .action(async () => (await import('../import.ts')).showImports(terminal));

  program
    .command('export')
    .description('Write all users, as they are at one moment, with identities and hashes of passwords.')
    .option('--format <format>', 'roster, workos-csv or auth0', 'roster')
    .option('--output <file>', 'where to; only you can read it (default: standard output)')
    .option('--without-passwords', 'leave the hashes of passwords out')
    .action(async (options) => (await import('../export.ts')).exportStore(terminal, options));
}

function addTo(text: string, texts: string[] = []): string[] {
  return [...texts, text];
}
