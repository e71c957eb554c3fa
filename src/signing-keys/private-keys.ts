import { createCipheriv, createDecipheriv, createPrivateKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { commandLine } from '../config/command-line.ts';
import type { Config } from '../config/settings.ts';
import { OperatorError } from '../errors.ts';

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** For the first steps: whoever can read this can read such a database. */
const developmentSecret = 'roster development, not a secret';

type SecretSettings = Pick<Config, 'NODE_ENV' | 'SIGNING_KEY_SECRET'>;

/** The secret that private keys are encrypted with. Throws OperatorError where production has none. */
export function signingKeySecret(config: SecretSettings): string {
  const [problem] = findMissingSecret(config);
  if (problem) throw new OperatorError(problem);
  return config.SIGNING_KEY_SECRET ?? developmentSecret;
}

/** What is wrong with a configuration that the signing keys are needed with. */
export function findMissingSecret({ NODE_ENV, SIGNING_KEY_SECRET }: Partial<SecretSettings>): string[] {
  if (SIGNING_KEY_SECRET || NODE_ENV !== 'production') return [];
  return [
    'SIGNING_KEY_SECRET: not set, and production needs it to keep the keys of access tokens. Make one with "openssl rand -base64 32", keep it, and give it to every process',
  ];
}

/** The private key as it is stored: nonce, tag and ciphertext in base64url. It is bound to its id. */
export function encryptPrivateKey(key: KeyObject, id: string, secret: string): string {
  const nonce = randomBytes(nonceBytes);
  const encryption = createCipheriv(cipher, deriveKey(secret), nonce).setAAD(Buffer.from(id));
  const plain = key.export({ format: 'der', type: 'pkcs8' });
  const encrypted = Buffer.concat([encryption.update(plain), encryption.final()]);
  return Buffer.concat([nonce, encryption.getAuthTag(), encrypted]).toString('base64url');
}

/** The stored private key. Throws OperatorError when it was encrypted under another secret. */
export function decryptPrivateKey(stored: string, id: string, secret: string): KeyObject {
  const bytes = Buffer.from(stored, 'base64url');
  const [nonce, rest] = [bytes.subarray(0, nonceBytes), bytes.subarray(nonceBytes)];
  try {
    const decryption = createDecipheriv(cipher, deriveKey(secret), nonce, { authTagLength: tagBytes })
      .setAAD(Buffer.from(id))
      .setAuthTag(rest.subarray(0, tagBytes));
    const plain = Buffer.concat([decryption.update(rest.subarray(tagBytes)), decryption.final()]);
    return createPrivateKey({ key: plain, format: 'der', type: 'pkcs8' });
  } catch {
    throw new OperatorError(
      `The signing key ${id} cannot be decrypted: it was made with another SIGNING_KEY_SECRET. Set that one; or, with the new one set, run "${commandLine} signing-key rotate" to make a new key.`,
    );
  }
}

/** A key of its own for this one purpose (RFC 5869). */
function deriveKey(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'roster signing keys', 32));
}
