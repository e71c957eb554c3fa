import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomFillSync } from 'node:crypto';

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** What is sealed, each under a key of its own. A stored row was sealed under its purpose: a name that was used stays. */
export type SealPurpose = 'signing keys' | 'mail parameters' | 'codes' | 'webhook secrets' | 'idempotent answers';

/** What is authenticated, each with a key of its own; as lasting as the purposes above. */
export type HmacPurpose = 'mail address' | 'codes';

/** Text that was sealed under another secret, or for another id or purpose, or changed since. */
export class Unsealable extends Error {
  override readonly name = 'Unsealable';

  constructor() {
    super('It was sealed under another SIGNING_KEY_SECRET, or has been changed.');
  }
}

/** What hangs on SIGNING_KEY_SECRET. */
export interface Secrets {
  /** Encrypts what only Roster reads again. It is bound to the id of its row, so that it opens nowhere else. */
  sealSecret(purpose: SealPurpose, id: string, plain: Buffer | string): string;
  /** What was sealed; throws Unsealable. */
  openSecret(purpose: SealPurpose, id: string, sealed: string): Buffer;
  /** HMAC-SHA256 of all parts in base64url; where one ends and the next begins counts, too. */
  hmacOf(purpose: HmacPurpose, ...parts: readonly string[]): string;
}

export function createSecrets(secret: string): Secrets {
  const sealingKey = createKeys<SealPurpose>(secret, 'roster');
  const hmacKey = createKeys<HmacPurpose>(secret, 'roster hmac');
  return {
    /** Nonce, tag and ciphertext, in base64url. */
    sealSecret(purpose, id, plain) {
      const nonce = newNonce();
      const encryption = createCipheriv(cipher, sealingKey(purpose), nonce).setAAD(Buffer.from(id));
      const encrypted = Buffer.concat([encryption.update(plain), encryption.final()]);
      return Buffer.concat([nonce, encryption.getAuthTag(), encrypted]).toString('base64url');
    },
    openSecret(purpose, id, sealed) {
      const bytes = Buffer.from(sealed, 'base64url');
      const [nonce, rest] = [bytes.subarray(0, nonceBytes), bytes.subarray(nonceBytes)];
      try {
        const decryption = createDecipheriv(cipher, sealingKey(purpose), nonce, { authTagLength: tagBytes })
          .setAAD(Buffer.from(id))
          .setAuthTag(rest.subarray(0, tagBytes));
        return Buffer.concat([decryption.update(rest.subarray(tagBytes)), decryption.final()]);
      } catch {
        throw new Unsealable();
      }
    },
    hmacOf(purpose, ...parts) {
      const hmac = createHmac('sha256', hmacKey(purpose));
      for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:${part}`);
      return hmac.digest('base64url');
    },
  };
}

const nonces = Buffer.alloc(1024 * nonceBytes);
let usedBytes = nonces.length;

/** Random bytes that no other nonce has had. Asking the system for each takes as long as sealing with it. */
function newNonce(): Buffer {
  if (usedBytes === nonces.length) {
    randomFillSync(nonces);
    usedBytes = 0;
  }
  usedBytes += nonceBytes;
  return nonces.subarray(usedBytes - nonceBytes, usedBytes);
}

/** A key of its own for each purpose (RFC 5869). Deriving one takes ten times as long as using it. */
function createKeys<Purpose extends string>(secret: string, label: string): (purpose: Purpose) => Buffer {
  const keys = new Map<Purpose, Buffer>();
  return (purpose) => {
    const known = keys.get(purpose);
    if (known) return known;
    const key = Buffer.from(hkdfSync('sha256', secret, '', `${label} ${purpose}`, 32));
    keys.set(purpose, key);
    return key;
  };
}
