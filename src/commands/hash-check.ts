import { stat } from 'node:fs/promises';
import { SingleBar } from 'cli-progress';
import { DomainError } from '../errors.ts';
import { readLines } from '../input/text-file.ts';
import { carryHash } from '../passwords/carry-hash.ts';
import { parseImportedHash } from '../passwords/imported-hash.ts';
import {
  type PasswordHashType,
  passwordHashTypes,
  type SaltPosition,
  saltPositions,
} from '../passwords/stored-password.ts';
import { parseEmail } from '../users/email.ts';
import type { Terminal } from './terminal.ts';

interface Verdict {
  /** The declared type, or `unknown`. */
  readonly type: string;
  /** Why the line would be refused, all of it; null when it would be accepted. */
  readonly problem: string | null;
}

/**
 * `roster hash check FILE`: says of each line of an export what `updateUser` would do with it. Reads only the file and
 * writes nothing. Ends with 1 when any line would be refused. The verdicts go to standard output, the rest to the error.
 */
export async function checkHashes({ stdout, stderr, fail }: Terminal, file: string): Promise<void> {
  const { size } = await stat(file);
  const progress = new SingleBar({
    format: 'Checking {bar} {percentage}% of the file, {eta_formatted} left',
    stream: stderr,
  });
  const seen = new Set<string>();
  const counts = new Map<string, { accepted: number; refused: number }>();
  let line = 0;

  progress.start(size, 0);
  try {
    for await (const { text, bytesRead } of readLines(file)) {
      line += 1;
      if (text.trim() === '') continue;
      const { type, problem } = checkLine(text, seen);
      stdout.write(`${line}\t${problem === null ? 'accepted' : 'refused'}\t${type}${problem ? `\t${problem}` : ''}\n`);
      const count = counts.get(type) ?? { accepted: 0, refused: 0 };
      count[problem === null ? 'accepted' : 'refused'] += 1;
      counts.set(type, count);
      if (line % 1000 === 0) progress.update(bytesRead);
    }
    progress.update(size);
  } finally {
    progress.stop();
  }
  stderr.write(summarize(counts));
  if ([...counts.values()].some(({ refused }) => refused > 0)) fail();
}

/** The keys that one line uses. */
interface Keys {
  readonly hash: string;
  readonly type: string;
  readonly position: string;
}

/** The verdict on one line; `seen` holds the addresses of the lines before it. */
export function checkLine(text: string, seen: Set<string>): Verdict {
  const row = parseRow(text);
  if (!row) return { type: 'unknown', problem: 'The line is not a JSON object.' };
  const keys = findKeys(row);
  const type = spelled(row[keys.type]);
  const declared = isHashType(type) ? type : null;
  const missing = findMissing(row, keys);
  const problems = missing ? [missing] : [emailProblem(row.email, seen), hashProblem(row, keys, declared)];
  return { type: declared ?? 'unknown', problem: problems.filter((problem) => problem !== null).join(' ') || null };
}

function emailProblem(given: unknown, seen: Set<string>): string | null {
  const email = typeof given === 'string' ? parseEmail(given) : null;
  if (!email) return 'email is not an address.';
  if (seen.has(email.canonical)) return 'An earlier line has the same email.';
  seen.add(email.canonical);
  return null;
}

function hashProblem(row: Record<string, unknown>, keys: Keys, type: PasswordHashType | null): string | null {
  const hash = row[keys.hash];
  if (!type) return `${keys.type} must be one of ${passwordHashTypes.join(', ')}.${importHint(hash, row[keys.type])}`;
  if (typeof hash !== 'string') return `${keys.hash} is not a string.`;
  const given = row[keys.position];
  const position = given === undefined ? undefined : (spelled(given) ?? '');
  if (position !== undefined && !isSaltPosition(position)) return `${keys.position} must be prefix or suffix.`;
  try {
    parseImportedHash({ passwordHash: hash, passwordHashType: type, passwordSaltPosition: position });
    return null;
  } catch (error) {
    if (error instanceof DomainError) return `${error.message}${importHint(hash)}`;
    throw error;
  }
}

/** An import takes more than `updateUser` does. */
function importHint(hash: unknown, algorithm?: unknown): string {
  if (typeof hash !== 'string') return '';
  const { kind } = carryHash({ hash, ...(typeof algorithm === 'string' && { algorithm }) });
  if (kind === 'refused') return '';
  return kind === 'native' ? ' An import brings it along.' : ' An import brings it along, wrapped in argon2id.';
}

/** A line may have the keys of GraphQL's inputs or of REST's; what is missing is named as the others are. */
function findKeys(row: Record<string, unknown>): Keys {
  const isRest = Object.keys(row).some((key) => key.startsWith('password_'));
  const find = (graphql: string, rest: string) => (rest in row || (isRest && !(graphql in row)) ? rest : graphql);
  return {
    hash: find('passwordHash', 'password_hash'),
    type: find('passwordHashType', 'password_hash_type'),
    position: find('passwordSaltPosition', 'password_salt_position'),
  };
}

/** Names all missing keys at once: a column that was left out of an export is missing in every line. */
function findMissing(row: Record<string, unknown>, { hash, type }: Keys): string | null {
  const missing = ['email', hash, type].filter((key) => (row[key] ?? null) === null);
  if (missing.length === 0) return null;
  const last = missing.pop() as string;
  return missing.length === 0 ? `${last} is missing.` : `${missing.join(', ')} and ${last} are missing.`;
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
