import { schemaOf } from './database-url.ts';
import { findParameterWarnings } from './database-url-parameters.ts';
import { mailMode } from './mail-mode.ts';
import { loopbackHost } from './mail-setting-rules.ts';
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

/** What sending takes, and what production does not do. */
function findMailProblems(config: Partial<Config>): string[] {
  const { NODE_ENV, SMTP_URL, MAIL_FROM, PASSWORD_RESET_URL } = config;
  const isSent = mailMode(config) === 'smtp';
  const problems = [];
  if (config.MAIL === 'log' && NODE_ENV === 'production')
    problems.push(
      'MAIL: `log` shows what opens accounts to whoever reads the output; production takes `smtp` or `off`',
    );
  if (isSent && !SMTP_URL) problems.push('SMTP_URL: missing; MAIL=smtp sends by it');
  if (isSent && !MAIL_FROM) problems.push('MAIL_FROM: missing; mail comes from it');
  if (isSent && !PASSWORD_RESET_URL)
    problems.push('PASSWORD_RESET_URL: missing; the mail for a forgotten password links to it. MAIL=off sends no mail');
  return problems;
}

/** What a mail links to is reached from anywhere. */
function findPlainLinks(config: Partial<Config>): string[] {
  if (config.NODE_ENV !== 'production') return [];
  return (['PASSWORD_RESET_URL', 'MAIL_SUPPORT_URL'] as const)
    .filter((name) => config[name]?.startsWith('http:') && !loopbackHost.test(new URL(config[name]).hostname))
    .map((name) => `${name}: expected https://…`);
}

/** What the settings must fulfil together; a sentence for each problem. What is malformed is missing here. */
export const configChecks: readonly ((config: Partial<Config>) => string[])[] = [
  findAmbiguity,
  findPostgresqlOnly,
  findOtherSchema,
  findMailProblems,
  findPlainLinks,
];

/** What a configuration asks for in vain, a line each, with what to do instead. */
export function findWarnings(config: Config): string[] {
  return (['DATABASE_URL', 'DATABASE_READ_URL'] as const).flatMap((name) =>
    findParameterWarnings(config[name] ?? 'file:').map((warning) => `${name}: ${warning}`),
  );
}
