import type { SigningKey } from '../db/database.ts';
import { createSecrets } from '../secrets/secrets.ts';
import { findMissingSecret, signingKeySecret } from '../secrets/signing-key-secret.ts';
import { acceptedUntil, algorithmOf, readSigningKeys, rotateSigningKeys } from '../signing-keys/signing-key-rows.ts';
import { readSettings } from './read-settings.ts';
import type { Terminal } from './terminal.ts';
import { withDatabase } from './with-database.ts';

/** `roster signing-key rotate`: running servers sign with the new key within two seconds. */
export async function rotateSigningKey(terminal: Terminal, { discard = false }: { discard?: boolean }): Promise<void> {
  const config = readSettings(terminal, [findMissingSecret]);
  const secrets = createSecrets(signingKeySecret(config));
  await withDatabase(terminal, config, async (db) => {
    const id = await rotateSigningKeys(db, secrets, new Date(), { algorithm: config.TOKEN_ALGORITHM, discard });
    const before = discard ? 'deleted, and their tokens are refused' : 'accepted until their last token expires';
    terminal.stdout.write(`${id} signs in every server within two seconds. The keys before it are ${before}.\n`);
  });
}

/** `roster signing-key list`: a line each, the one that signs first. */
export function listSigningKeys(terminal: Terminal): Promise<void> {
  return withDatabase(terminal, readSettings(terminal), async (db) => {
    const keys = await readSigningKeys(db);
    if (keys.length === 0)
      terminal.stderr.write('There is no signing key yet. The first start of a server makes one.\n');
    for (const [i, key] of keys.entries()) terminal.stdout.write(`${describe(key, i === 0)}\n`);
  });
}

function describe(key: SigningKey, isFirst: boolean): string {
  const until = acceptedUntil(key)?.toISOString();
  const state = until ? `retired, accepted until ${until}` : isFirst ? 'signs' : 'accepted';
  return `${key.id}  ${algorithmOf(key)}  created ${key.createdAt.toISOString()}  ${state}`;
}
