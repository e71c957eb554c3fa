import { createPrivateKey, type KeyObject } from 'node:crypto';
import { commandLine } from '../config/command-line.ts';
import { OperatorError } from '../errors.ts';
import { type Secrets, Unsealable } from '../secrets/secrets.ts';

/** The private key as it is stored. */
export function encryptPrivateKey(key: KeyObject, id: string, secrets: Secrets): string {
  return secrets.sealSecret('signing keys', id, key.export({ format: 'der', type: 'pkcs8' }));
}

/** The stored private key. Throws OperatorError when it was encrypted under another secret. */
export function decryptPrivateKey(stored: string, id: string, secrets: Secrets): KeyObject {
  try {
    return createPrivateKey({ key: secrets.openSecret('signing keys', id, stored), format: 'der', type: 'pkcs8' });
  } catch (error) {
    if (!(error instanceof Unsealable)) throw error;
    throw new OperatorError(
      `The signing key ${id} cannot be decrypted: it was made with another SIGNING_KEY_SECRET. Set that one; or, with the new one set, run "${commandLine} signing-key rotate" to make a new key.`,
    );
  }
}
