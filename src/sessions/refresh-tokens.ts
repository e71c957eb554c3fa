import { createHash, randomBytes } from 'node:crypto';
import type { Transaction } from '../db/database.ts';

/** Within a transaction: gives the session its next refresh token, which is stored as its hash only. */
export async function addRefreshToken(tx: Transaction, sessionId: string, now: Date): Promise<string> {
  const token = `rt_${randomBytes(32).toString('base64url')}`;
  await tx.refreshToken.create({ data: { hash: digest(token), sessionId, createdAt: now } });
  return token;
}

/** The hash that a refresh token is found by; null for what can be none. */
export function hashRefreshToken(text: string): string | null {
  return /^rt_[\w-]{43}$/.test(text) ? digest(text) : null;
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
