import { DomainError } from '../errors.ts';
import type { Algorithm } from './hashes/algorithm.ts';
import { argon2 } from './hashes/argon2.ts';
import { bcrypt } from './hashes/bcrypt.ts';
import { firebaseScrypt } from './hashes/firebase-scrypt.ts';
import { pbkdf2 } from './hashes/pbkdf2.ts';
import { scrypt } from './hashes/scrypt.ts';
import { ssha } from './hashes/ssha.ts';
import { ssha256 } from './hashes/ssha256.ts';
import type { PasswordHashType, SaltPosition, StoredPassword } from './stored-password.ts';

/** The table of hash types: everything that differs between them is in their own files. */
export const algorithms: Readonly<Record<PasswordHashType, Algorithm>> = {
  bcrypt,
  'firebase-scrypt': firebaseScrypt,
  ssha,
  ssha256,
  scrypt,
  pbkdf2,
  argon2,
};

/** What a file that was split elsewhere leaves at the end of a hash. */
const lineEnd = /(?:\r\n|\r|\n)$/;

/** The three inputs of a creation or an update that bring a hash along. */
export interface ImportedHash {
  passwordHash: string;
  passwordHashType: PasswordHashType;
  passwordSaltPosition?: SaltPosition | undefined;
}

/** The row to store for an imported hash; throws invalid_password_hash, which says what was expected, never what came. */
export function parseImportedHash(input: ImportedHash): StoredPassword {
  const { passwordHashType: type, passwordSaltPosition: saltPosition } = input;
  const hash = input.passwordHash.replace(lineEnd, '');
  if (saltPosition !== undefined && type !== 'ssha256') {
    throw new DomainError('invalid_request_parameters', 'A salt position goes only with the hash type ssha256.', {
      field: 'passwordSaltPosition',
    });
  }
  const { expected, check } = algorithms[type];
  const problem = check(hash);
  if (problem !== null) {
    throw new DomainError(
      'invalid_password_hash',
      `This ${type} hash cannot be used: ${problem}. Expected: ${expected}.`,
      { field: 'passwordHash' },
    );
  }
  return { hash, type, saltPosition: type === 'ssha256' ? (saltPosition ?? 'suffix') : null };
}
