import type { ExportFormat } from './export-format.ts';
import { ldapDigestOf, pbkdf2Of, scryptOf } from './hash-parts.ts';

type Password = Record<string, unknown>;

/**
 * The array that Auth0's import of users reads, a user a line: files for it have 500 KB at most, and lines are what one can split.
 * Identities cannot be imported there.
 */
export const auth0: ExportFormat = {
  head: () => '[\n',
  user: ({ user, password }, isFirst) => {
    const values = {
      user_id: user.id,
      email: user.email,
      email_verified: user.emailVerified,
      given_name: user.firstName ?? undefined,
      family_name: user.lastName ?? undefined,
      name: user.name ?? undefined,
      picture: user.profilePictureUrl ?? undefined,
      user_metadata: user.metadata,
      app_metadata: { external_id: user.externalId ?? undefined, locale: user.locale ?? undefined },
      ...(password && passwordOf(password)),
    };
    return `${isFirst ? '' : ',\n'}${JSON.stringify(values)}`;
  },
  tail: () => '\n]\n',
  carries: (password) => passwordOf(password) !== null,
};

const base64 = 'base64';

/** How Auth0 takes each type of hash; null for those that it does not. */
const passwords: Record<string, (hash: string, saltPosition: unknown) => object | null> = {
  bcrypt: (hash) =>
    hash.startsWith('$2y$') ? custom('bcrypt', { hash: { value: `$2b$${hash.slice(4)}` } }) : { password_hash: hash },
  argon2: (hash) => custom('argon2', { hash: { value: hash } }),
  ssha: (hash) => digest('sha1', ldapDigestOf(hash, '{SSHA}', 20), 'suffix'),
  ssha256: (hash, saltPosition) => digest('sha256', ldapDigestOf(hash, '{SSHA256}', 32), saltPosition),
  pbkdf2: (hash) => {
    const { hashName, iterations, salt, key } = pbkdf2Of(hash);
    const value = `$pbkdf2-${hashName}$i=${iterations},l=${key.length}$${unpadded(salt)}$${unpadded(key)}`;
    return custom('pbkdf2', { hash: { value, encoding: 'utf8' } });
  },
  scrypt: (hash) => {
    const { n, r, p, salt, key } = scryptOf(hash);
    return custom('scrypt', {
      hash: { value: key.toString(base64), encoding: base64 },
      salt: { value: salt.toString(base64), encoding: base64 },
      keylen: key.length,
      cost: n,
      blockSize: r,
      parallelization: p,
    });
  },
};

function passwordOf({ type, hash, saltPosition }: Password): object | null {
  return passwords[String(type)]?.(String(hash), saltPosition) ?? null;
}

function digest(algorithm: string, { digest: value, salt }: { digest: Buffer; salt: Buffer }, position: unknown) {
  return custom(algorithm, {
    hash: { value: value.toString(base64), encoding: base64 },
    salt: { value: salt.toString(base64), encoding: base64, position },
  });
}

function custom(algorithm: string, rest: object): object {
  return { custom_password_hash: { algorithm, ...rest } };
}

function unpadded(bytes: Buffer): string {
  return bytes.toString(base64).replaceAll('=', '');
}
