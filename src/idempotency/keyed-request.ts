import { createHash } from 'node:crypto';
import type { Principal } from '../principal/principal.ts';
import { lifeOfKey } from './keys.ts';

/** A request that is carried out once, however often it comes. */
export interface KeyedRequest {
  /** By which it is found: who calls, what, and with which key. */
  readonly id: string;
  /** Of all that it asks for. */
  readonly digest: string;
  readonly lifeMs: number;
  /** Whether it was carried out before, and is answered with what was kept. */
  isReplayed: boolean;
}

interface Given {
  readonly key: string;
  readonly principal: Principal;
  readonly method: string;
  readonly path: string;
  readonly userAgent: string | null;
  /** Everything besides that decides what is done. */
  readonly content: readonly string[];
}

export function keyedRequest({ key, principal, method, path, userAgent, content }: Given): KeyedRequest {
  const digest = digestOf(content);
  return {
    id: digestOf([...credentialOf(principal, digest), method, path, key]),
    digest,
    lifeMs: lifeOfKey(key, userAgent),
    isReplayed: false,
  };
}

/** Of whoever has no credentials, the request itself, with the token in it, is all that tells them from strangers. */
function credentialOf(principal: Principal, digest: string): string[] {
  if (principal.kind === 'anonymous') return [principal.kind, digest];
  return [principal.kind, principal.kind === 'user' ? principal.userId : principal.id];
}

/** Where one part ends and the next begins counts, too. */
function digestOf(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:${part}`);
  return hash.digest('base64url');
}

/** JSON of the same value, whatever the order of its names; what is nested too deeply to be written so stays as it is. */
export function canonicalJson(value: unknown, text: string): string {
  try {
    return JSON.stringify(value, (_name, inner) => (isRecord(inner) ? sorted(inner) : inner)) ?? '';
  } catch (error) {
    if (error instanceof RangeError) return text;
    throw error;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(record: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
