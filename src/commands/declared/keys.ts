import { type Command, InvalidArgumentError } from 'commander';
import { allScopes } from '../../principal/scopes.ts';
import type { Terminal } from '../terminal.ts';

export function addApiKeys(program: Command, terminal: Terminal): void {
  const apiKey = program.command('api-key').description('The keys that backends call Roster with.');
  apiKey
    .command('create')
    .argument('<name>', 'what you call it', parseName)
    .description('Make a key and print it on standard output. It cannot be shown again.')
    .option('--scope <scope...>', `what it may do: ${allScopes.join(', ')} (default: all)`)
    .action(async (name, { scope }) => (await import('../api-key.ts')).createApiKey(terminal, name, scope));
  apiKey
    .command('list')
    .description('List all keys: id, name, creation, last use, scopes.')
    .action(async () => (await import('../api-key.ts')).listApiKeys(terminal));
  apiKey
    .command('revoke')
    .argument('<id>', 'the id that "list" shows, such as key_01E4…')
    .description('Revoke a key. Running servers refuse it within two seconds.')
    .action(async (id) => (await import('../api-key.ts')).revokeApiKey(terminal, id));
}

export function addSecrets(program: Command, terminal: Terminal): void {
  const signingKey = program.command('signing-key').description('The keys that access tokens are signed with.');
  signingKey
    .command('rotate')
    .description('Make a key that signs from now on. What the ones before it have signed is accepted until it expires.')
    .option('--discard', 'delete the ones before it: nothing that they have signed is accepted any more')
    .action(async (options) => (await import('../signing-key.ts')).rotateSigningKey(terminal, options));
  signingKey
    .command('list')
    .description('List all keys: id, creation, whether they sign, are still accepted, or no longer.')
    .action(async () => (await import('../signing-key.ts')).listSigningKeys(terminal));

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
    .action(async (options) => (await import('../secret.ts')).rotateSecret(terminal, options));
}

function parseName(name: string): string {
  if (name.trim() === '' || name.length > 100 || /\p{C}/u.test(name)) {
    throw new InvalidArgumentError('A name has 1 to 100 characters, none of them a control character.');
  }
  return name;
}
