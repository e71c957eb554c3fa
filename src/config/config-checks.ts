import { schemaOf } from './database-url.ts';
import { findParameterWarnings } from './database-url-parameters.ts';
import type { Config } from './settings.ts';

/** The settings of the external issuer: all of them or none. */
const issuerSettings = ['AUTH_ISSUER', 'AUTH_AUDIENCE', 'AUTH_JWKS_URL'] as const;

/** A sentence for each setting that is missing where others that belong to it are given. */
export function findMissing(env: NodeJS.ProcessEnv): string[] {
  const missing = issuerSettings.filter((name) => !env[name]);
  if (missing.length === issuerSettings.length) return [];
  return missing.map((name) => `${name}: missing; ${issuerSettings.join(', ')} belong together`);
}

/** A token's issuer says whose keys verify it. */
function findAmbiguity({ AUTH_ISSUER, TOKEN_ISSUER }: Partial<Config>): string[] {
  return AUTH_ISSUER && AUTH_ISSUER === TOKEN_ISSUER ? ['AUTH_ISSUER: must not be TOKEN_ISSUER'] : [];
}

/** A file has one writing process, so there is nothing to share, and no replica. */
function findPostgresqlOnly({ DATABASE_URL, DATABASE_READ_URL, RATE_LIMIT_STORE }: Partial<Config>): string[] {
  if (!DATABASE_URL?.startsWith('file:')) return [];
  const problems = [];
  if (DATABASE_READ_URL) problems.push('DATABASE_READ_URL: takes PostgreSQL as DATABASE_URL, too');
  if (RATE_LIMIT_STORE === 'database') problems.push('RATE_LIMIT_STORE: `database` takes PostgreSQL');
  return problems;
}

/** A replica has the tables where the primary has them. */
function findOtherSchema({ DATABASE_URL, DATABASE_READ_URL }: Partial<Config>): string[] {
  if (!DATABASE_READ_URL || !DATABASE_URL || DATABASE_URL.startsWith('file:')) return [];
  const schema = schemaOf(DATABASE_READ_URL);
  if (schema === null || schema === schemaOf(DATABASE_URL)) return [];
  return ['DATABASE_READ_URL: names another schema than DATABASE_URL'];
}

/** What the settings must fulfil together; a sentence for each problem. What is malformed is missing here. */
export const configChecks: readonly ((config: Partial<Config>) => string[])[] = [
  findAmbiguity,
  findPostgresqlOnly,
  findOtherSchema,
];

/** What a configuration asks for in vain, a line each, with what to do instead. */
export function findWarnings(config: Config): string[] {
  return (['DATABASE_URL', 'DATABASE_READ_URL'] as const).flatMap((name) =>
    findParameterWarnings(config[name] ?? 'file:').map((warning) => `${name}: ${warning}`),
  );
}
