/** 1 to 255 printable characters of ASCII. */
const validKey = /^[\x20-\x7e]{1,255}$/;

export function isValidKey(key: unknown): key is string {
  return typeof key === 'string' && validKey.test(key);
}

/** Of a request whose header `Idempotency-Key` comes more than once: joined, as HTTP does it, its keys would be taken for one. */
export function hasSeveralKeys(headers: Iterable<[name: string, value: string]>): boolean {
  return [...headers].filter(([name]) => name === 'idempotency-key').length > 1;
}

export const severalKeysMessage =
  'The header Idempotency-Key comes more than once. Give one key: it stands for this request.';

export const invalidKeyMessage = 'Idempotency-Key: expected 1 to 255 printable ASCII characters.';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const dayMs = 24 * 60 * minuteMs;

/** Made from the content of a request: a later one with the same content is meant to be carried out. */
const ofContent = /^retry-[0-9a-f]{64}$/i;
const ofSdks = /^(?:retry-|workos-node-)|^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * How long a key counts. WorkOS's SDKs put one of their own on every POST, for the retries that they make by themselves: those
 * are over in seconds, and are not kept for a day.
 */
export function lifeOfKey(key: string, userAgent: string | null): number {
  if (ofContent.test(key)) return minuteMs;
  return /workos/i.test(userAgent ?? '') && ofSdks.test(key) ? 10 * minuteMs : dayMs;
}
