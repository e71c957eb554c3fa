import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { SingleBar } from 'cli-progress';
import { DomainError } from '../errors.ts';
import { parseImportedHash } from '../passwords/imported-hash.ts';
import {
  type PasswordHashType,
  passwordHashTypes,
  type SaltPosition,
  saltPositions,
} from '../passwords/stored-password.ts';
import { parseEmail } from '../users/email.ts';

interface Verdict {
  /** The declared type, or `unknown`. */
  readonly type: string;
  /** Why the line would be refused; null when it would be accepted. */
  readonly refusal: string | null;
}

/**
 * `roster hash check FILE`: says of each line of an export what `updateUser` would do with it. Reads only the file and
 * writes nothing. Ends with 1 when any line would be refused. The verdicts go to standard output, the rest to the error.
 */
export async function checkHashes(file: string): Promise<void> {
  const { size } = await stat(file);
  const progress = new SingleBar({ format: 'Checking {bar} {percentage}% of the file, {eta_formatted} left' });
  const source = createReadStream(file);
  const seen = new Set<string>();
  const counts = new Map<string, { accepted: number; refused: number }>();
  let line = 0;

  progress.start(size, 0);
  for await (const text of createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1;
    if (text.trim() === '') continue;
    const { type, refusal } = checkLine(text, seen);
    process.stdout.write(
      `${line}\t${refusal === null ? 'accepted' : 'refused'}\t${type}${refusal ? `\t${refusal}` : ''}\n`,
    );
    const count = counts.get(type) ?? { accepted: 0, refused: 0 };
    count[refusal === null ? 'accepted' : 'refused'] += 1;
    counts.set(type, count);
    if (line % 1000 === 0) progress.update(source.bytesRead);
  }
  progress.update(size);
  progress.stop();
  process.stderr.write(summarize(counts));
  if ([...counts.values()].some(({ refused }) => refused > 0)) process.exitCode = 1;
}

/** The verdict on one line; `seen` holds the addresses of the lines before it. */
export function checkLine(text: string, seen: Set<string>): Verdict {
  const row = parseRow(text);
  if (!row) return { type: 'unknown', refusal: 'The line is not a JSON object.' };
  const type = spelled(row.passwordHashType ?? row.password_hash_type);
  if (!isHashType(type)) {
    return { type: 'unknown', refusal: `passwordHashType must be one of ${passwordHashTypes.join(', ')}.` };
  }
  return { type, refusal: refusalOf(row, type, seen) };
}

function refusalOf(row: Record<string, unknown>, type: PasswordHashType, seen: Set<string>): string | null {
  const email = typeof row.email === 'string' ? parseEmail(row.email) : null;
  if (!email) return 'The email is missing or not an address.';
  if (seen.has(email.canonical)) return 'An earlier line has the same email.';
  seen.add(email.canonical);
  const hash = row.passwordHash ?? row.password_hash;
  if (typeof hash !== 'string') return 'passwordHash is missing or not a string.';
  const { passwordSaltPosition: given = row.password_salt_position } = row;
  const position = given === undefined ? undefined : (spelled(given) ?? '');
  if (position !== undefined && !isSaltPosition(position)) return 'passwordSaltPosition must be prefix or suffix.';
  try {
    parseImportedHash({ passwordHash: hash, passwordHashType: type, passwordSaltPosition: position });
    return null;
  } catch (error) {
    if (error instanceof DomainError) return error.message;
    throw error;
  }
}

function parseRow(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

/** GraphQL's spelling (`FIREBASE_SCRYPT`) counts as WorkOS's (`firebase-scrypt`). */
function spelled(value: unknown): string | undefined {
  return typeof value === 'string' ? value.toLowerCase().replaceAll('_', '-') : undefined;
}

function isHashType(type: string | undefined): type is PasswordHashType {
  return passwordHashTypes.includes(type as PasswordHashType);
}

function isSaltPosition(position: string): position is SaltPosition {
  return saltPositions.includes(position as SaltPosition);
}

function summarize(counts: Map<string, { accepted: number; refused: number }>): string {
  if (counts.size === 0) return 'The file has no lines.\n';
  const rows = [...counts].sort().map(([type, { accepted, refused }]) => [type, String(accepted), String(refused)]);
  const table = [['type', 'accepted', 'refused'], ...rows];
  return table.map(([a = '', b = '', c = '']) => `${a.padEnd(16)}${b.padStart(10)}${c.padStart(10)}\n`).join('');
}
