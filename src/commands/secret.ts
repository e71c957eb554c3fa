import { endUnsealedCodes, rekeyedDigest } from '../codes/rekey.ts';
import type { Database } from '../db/database.ts';
import { type Resealed, resealColumn } from '../db/reseal.ts';
import { sealedColumns } from '../db/sealed-columns.ts';
import { OperatorError } from '../errors.ts';
import { createSecrets, type Secrets } from '../secrets/secrets.ts';
import { findMissingSecret, signingKeySecret } from '../secrets/signing-key-secret.ts';
import { givenUrl } from './given-url.ts';
import { readSettings } from './read-settings.ts';
import type { Terminal } from './terminal.ts';
import { withDatabase } from './with-database.ts';

const leastLength = 32;

/** `roster secret rotate --to …`: seals under a new secret what was sealed under SIGNING_KEY_SECRET. */
export async function rotateSecret(terminal: Terminal, { to }: { to: string }): Promise<void> {
  const config = readSettings(terminal, [findMissingSecret]);
  if (!/^(env:|@)/.test(to))
    throw new OperatorError('--to: expected env:NAME or @PATH; every user of the machine can read a command line.');
  const next = givenUrl('--to', to, terminal.env);
  if (next.length < leastLength) throw new OperatorError(`--to: expected at least ${leastLength} characters.`);
  if (next === signingKeySecret(config)) throw new OperatorError('--to: that is SIGNING_KEY_SECRET already.');
  const secrets = { from: createSecrets(signingKeySecret(config)), to: createSecrets(next) };
  await withDatabase(terminal, config, (db) => resealEverything(terminal, db, secrets));
}

async function resealEverything(
  { stdout, fail }: Terminal,
  db: Database,
  secrets: { from: Secrets; to: Secrets },
): Promise<void> {
  let unreadable = 0;
  for (const column of sealedColumns) {
    const others = column.model === 'oneTimeCode' ? rekey(secrets.to) : undefined;
    const counts = await resealColumn(db, column, secrets, others);
    unreadable += counts.unreadable;
    stdout.write(`${summarize(column.title ?? column.purpose, counts)}\n`);
  }
  const ended = await endUnsealedCodes(db, new Date());
  stdout.write(`codes that are stored as a digest alone: ${ended} ended\n\n`);
  if (unreadable > 0) fail();
  stdout.write(
    unreadable > 0
      ? 'What cannot be opened was sealed under a third secret, and stays as it is. Run this again with that one as SIGNING_KEY_SECRET.\n'
      : 'Start every server with the new secret now. Where one was running meanwhile, run this once more after that.\n',
  );
}

function rekey(to: Secrets): Parameters<typeof resealColumn>[3] {
  return (row, plain) => rekeyedDigest(to, row as unknown as { id: string; purpose: string }, plain.toString());
}

function summarize(what: string, { resealed, wereAlready, unreadable }: Resealed): string {
  return `${what}: ${resealed} sealed anew, ${wereAlready} were already, ${unreadable} cannot be opened`;
}
