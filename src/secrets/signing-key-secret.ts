import type { Config } from '../config/settings.ts';
import { OperatorError } from '../errors.ts';

/** For the first steps: whoever can read this can read such a database. */
const developmentSecret = 'roster development, not a secret';

type SecretSettings = Pick<Config, 'NODE_ENV' | 'SIGNING_KEY_SECRET'>;

/** The secret that everything sealed hangs on. Throws OperatorError where production has none. */
export function signingKeySecret(config: SecretSettings): string {
  const [problem] = findMissingSecret(config);
  if (problem) throw new OperatorError(problem);
  return config.SIGNING_KEY_SECRET ?? developmentSecret;
}

/** What is wrong with a configuration that the secret is needed with. */
export function findMissingSecret({ NODE_ENV, SIGNING_KEY_SECRET }: Partial<SecretSettings>): string[] {
  if (SIGNING_KEY_SECRET || NODE_ENV !== 'production') return [];
  return [
    'SIGNING_KEY_SECRET: not set, and production needs it to keep the keys of access tokens. Make one with "openssl rand -base64 32", keep it, and give it to every process',
  ];
}
