import { deserialize, serialize } from 'node:v8';
import { deflateSync, inflateSync } from 'node:zlib';
import type { IdempotentRequest } from '../db/database.ts';
import { type Secrets, Unsealable } from '../secrets/secrets.ts';
import type { KeyedRequest } from './keyed-request.ts';

/** A longer result is compressed, and where that is still longer not kept: only that there was one. */
const maxBytes = 262_144;
/** So much is compressed at most: 500 users of 2 KB each take some 15 ms, in which nothing else is done. */
const maxUncompressedBytes = 4 * maxBytes;
/** With what each begins that was compressed (RFC 1950), and nothing that was not. */
const compressedMark = 0x78;

/** Of several users. */
export const many = 'many';

const purpose = 'idempotent answers';

/** What was kept of a request. */
export interface Kept {
  readonly digest: string;
  /** Absent where it was too long. */
  readonly result?: unknown;
}

/** The row of a request that was carried out. The digest is sealed, too: it may be that of a password that is easily guessed. */
export function toRow(secrets: Secrets, request: KeyedRequest, result: unknown, now: Date): IdempotentRequest {
  const { id, digest, lifeMs } = request;
  const kept = pack({ digest, result }) ?? serialize({ digest } satisfies Kept);
  const users = usersIn(result);
  return {
    id,
    sealedAnswer: secrets.sealSecret(purpose, id, kept),
    userId: users.size > 1 ? many : ([...users][0] ?? null),
    createdAt: now,
    expiresAt: new Date(now.getTime() + lifeMs),
  };
}

/** Null where it is too long. Of a list of users most is the same for each, so that it becomes a fraction. */
function pack(kept: Kept): Buffer | null {
  const whole = serialize(kept);
  if (whole.length <= maxBytes) return whole;
  if (whole.length > maxUncompressedBytes) return null;
  const packed = deflateSync(whole, { level: 1 });
  return packed.length > maxBytes ? null : packed;
}

function unpack(bytes: Uint8Array): Kept {
  return deserialize(bytes[0] === compressedMark ? inflateSync(bytes) : bytes) as Kept;
}

/** Null where it was erased, or sealed under another secret. */
export function openAnswer(
  secrets: Secrets,
  { id, sealedAnswer }: Pick<IdempotentRequest, 'id' | 'sealedAnswer'>,
): Kept | null {
  if (sealedAnswer === null) return null;
  try {
    return unpack(secrets.openSecret(purpose, id, sealedAnswer));
  } catch (error) {
    if (error instanceof Unsealable) return null;
    throw error;
  }
}

/** The ids of the users whom a result is about. */
export function usersIn(result: unknown): Set<string> {
  if (typeof result !== 'object' || result === null) return new Set();
  const found = new Set(Object.values(result).flatMap((value) => [...usersIn(value)]));
  const { id, userId } = result as { id?: unknown; userId?: unknown };
  if (typeof id === 'string' && id.startsWith('user_')) found.add(id);
  if (typeof userId === 'string') found.add(userId);
  return found;
}
