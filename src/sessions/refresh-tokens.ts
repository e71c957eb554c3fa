import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { RefreshTokenFamily } from '../db/database.ts';

/** What the tokens of one session are made with, for as long as the session lasts. */
export type FamilyKey = Pick<RefreshTokenFamily, 'sessionId' | 'key'>;

/** A token as its text says, which may be forged. */
export interface TokenParts {
  readonly sessionId: string;
  /** The first token of a session has 1. */
  readonly number: number;
}

/** `rt_`, the session's ULID, the number, the secret and the MAC: 256 bits each in base64url. */
const form = /^rt_([0-9A-Z]{26})_([1-9]\d{0,8})_[\w-]{86}$/;
const macLength = 43;
const sessionPrefix = 'session_';

/** What the text says; null for what can be no token, and for one from before tokens named their session. */
export function parseRefreshToken(text: string): TokenParts | null {
  const [, ulid, number] = form.exec(text) ?? [];
  return ulid ? { sessionId: `${sessionPrefix}${ulid}`, number: Number(number) } : null;
}

/** A token from before tokens named their session: it is known by its row alone. */
export function isRowToken(text: string): boolean {
  return /^rt_[\w-]{43}$/.test(text);
}

/** Whether the session gave this token out, be it used or not. */
export function isAuthentic({ key }: Pick<FamilyKey, 'key'>, text: string): boolean {
  const [body, mac] = [text.slice(0, -macLength), text.slice(-macLength)];
  return timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(key, body)));
}

/** What a token is stored and found by. A plain hash is enough: its secret is 256 bits that nobody can guess. */
export function hashToken(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** What a new session is given. */
export function firstToken(sessionId: string, createdAt: Date): { family: RefreshTokenFamily; text: string } {
  return nextToken({ sessionId, key: newSecret() }, newSecret(), 1, createdAt);
}

/** The token that comes after this one, and the family that has it as its newest. */
export function nextToken(
  { sessionId, key }: FamilyKey,
  predecessor: string,
  number: number,
  createdAt: Date,
): { family: RefreshTokenFamily; text: string } {
  const salt = newSecret();
  const text = deriveToken({ sessionId, key, salt }, predecessor, number);
  return { family: { sessionId, key, salt, hash: hashToken(text), createdAt }, text };
}

/**
 * The token that was derived from its predecessor with the family's salt (the extraction of RFC 5869, section 2.2). It takes
 * both to derive it again: neither who can read the database nor who has found an old token can.
 */
export function deriveToken(
  { sessionId, key, salt }: FamilyKey & Pick<RefreshTokenFamily, 'salt'>,
  predecessor: string,
  number: number,
): string {
  const secret = macOf(salt, predecessor);
  const body = `rt_${sessionId.slice(sessionPrefix.length)}_${number}_${secret}`;
  return `${body}${macOf(key, body)}`;
}

function macOf(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url');
}

function newSecret(): string {
  return randomBytes(32).toString('base64url');
}
