import { type ApiKeySummary, type ApiKeys, createApiKeys } from '../auth/api-keys.ts';
import { commandLine } from '../config/command-line.ts';
import { describe } from '../config/database-url.ts';
import type { Config } from '../config/settings.ts';
import type { Database } from '../db/database.ts';
import { databaseOptions } from '../db/database-options.ts';
import { OperatorError } from '../errors.ts';
import { allScopes, isScope, type Scope } from '../principal/scopes.ts';
import { readSettings } from './read-settings.ts';
import type { Terminal } from './terminal.ts';
import { withDatabase } from './with-database.ts';

/** `roster api-key create NAME`: prints the key, and nothing else, on standard output. */
export function createApiKey(terminal: Terminal, name: string, given: string[] = []): Promise<void> {
  const { stdout, stderr } = terminal;
  const scopes = given.length > 0 ? given.map(parseScope) : allScopes;
  const config = readSettings(terminal);
  const make = async (apiKeys: ApiKeys) => {
    const { id, key } = await apiKeys.create(name, scopes);
    stderr.write(`Made ${id} in ${describe(databaseOptions(config))}, which may: ${scopes.join(' ')}.\n`);
    stderr.write('The key is shown only now; Roster keeps only its hash.\n');
    stdout.write(`${key}\n`);
  };
  return withApiKeys(terminal, config, make, true);
}

/** `roster api-key list`: a line each, oldest first. */
export function listApiKeys(terminal: Terminal): Promise<void> {
  const { stdout, stderr } = terminal;
  return withApiKeys(terminal, readSettings(terminal), async (apiKeys) => {
    const keys = await apiKeys.list();
    if (keys.length === 0) stderr.write(`There is no API key. Make one: ${commandLine} api-key create NAME\n`);
    for (const key of keys) stdout.write(`${summarize(key)}\n`);
  });
}

/** `roster api-key revoke ID`: running servers refuse the key within two seconds. */
export function revokeApiKey(terminal: Terminal, id: string): Promise<void> {
  if (id.startsWith('sk_')) {
    throw new OperatorError(`That is a key. Give its id instead: key_…, as "${commandLine} api-key list" shows it.`);
  }
  return withApiKeys(terminal, readSettings(terminal), async (apiKeys) => {
    await apiKeys.revoke(id);
    terminal.stdout.write(`Revoked ${id}. Running servers refuse it within two seconds.\n`);
  });
}

function parseScope(text: string): Scope {
  if (isScope(text)) return text;
  throw new OperatorError(`There is no scope '${text}'. The scopes are: ${allScopes.join(', ')}.`);
}

function withApiKeys(
  terminal: Terminal,
  config: Config,
  work: (apiKeys: ApiKeys) => Promise<void>,
  mayMakeFile = false,
): Promise<void> {
  const open = (db: Database) => work(createApiKeys(db, () => new Date()));
  return withDatabase(terminal, config, open, { mayMakeFile });
}

function summarize({ id, name, scopes, createdAt, lastUsedAt, revokedAt }: ApiKeySummary): string {
  const used = lastUsedAt ? `last used ${lastUsedAt.toISOString()}` : 'never used';
  const state = revokedAt ? `revoked ${revokedAt.toISOString()}` : used;
  return `${id}  ${name}  created ${createdAt.toISOString()}  ${state}  may: ${scopes}${tellLacking(scopes)}`;
}

/** A key that was made with every scope does not get those that came later: it is told of each key what it lacks. */
function tellLacking(scopes: string): string {
  const lacking = allScopes.filter((scope) => !scopes.split(' ').includes(scope));
  return lacking.length > 0 ? `  may not: ${lacking.join(' ')}` : '';
}
