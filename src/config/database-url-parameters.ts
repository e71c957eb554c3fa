import { parametersOf, providerOf } from './database-url.ts';

/** The parameters of a server's URL that have an effect: those of libpq that the driver knows, its own, and `schema`. */
export const effectiveParameters = new Set(
  [
    'host port user password dbname options application_name schema channel_binding',
    'ssl sslmode sslcert sslkey sslrootcert sslnegotiation uselibpqcompat',
  ].flatMap((names) => names.split(' ')),
);

/** Of libpq, without an effect: they are for its own network code, or for other ways to be let in. */
const libpqOnly = new Set(
  [
    'hostaddr passfile require_auth client_encoding fallback_application_name keepalives keepalives_idle',
    'keepalives_interval keepalives_count tcp_user_timeout replication gssencmode sslcompression sslpassword sslcertmode',
    'sslcrl sslcrldir sslsni requirepeer ssl_min_protocol_version ssl_max_protocol_version min_protocol_version',
    'max_protocol_version krbsrvname gsslib gssdelegation scram_client_key scram_server_key service servicefile',
    'target_session_attrs load_balance_hosts sslkeylogfile oauth_issuer oauth_client_id oauth_client_secret oauth_scope',
  ].flatMap((names) => names.split(' ')),
);

const byItself = 'Roster finds out by itself whether statements can be prepared';

/** Prisma's parameters of a pool, and libpq's of the same meaning: what is to be used instead. */
const serverReplacements: Record<string, string> = {
  connection_limit: 'set DATABASE_POOL_SIZE',
  pool_timeout: 'set DATABASE_CONNECT_TIMEOUT_MS',
  connect_timeout: 'set DATABASE_CONNECT_TIMEOUT_MS',
  socket_timeout: 'set DATABASE_STATEMENT_TIMEOUT_MS',
  max_idle_connection_lifetime: 'set DATABASE_IDLE_TIMEOUT_MS',
  max_connection_lifetime: 'set DATABASE_IDLE_TIMEOUT_MS',
  pgbouncer: byItself,
  statement_cache_size: byItself,
};

/** The same for the URL of a file. */
const fileReplacements: Record<string, string> = {
  connection_limit: 'a file has one writing connection',
  socket_timeout: 'set DATABASE_BUSY_TIMEOUT_MS',
};

const replacements = { sqlite: fileReplacements, postgresql: serverReplacements };
const taken = { sqlite: [], postgresql: [effectiveParameters, libpqOnly] };

/** What is wrong with the parameters of a database's URL, or null. Never repeats a value. */
export function findParameterProblem(url: string): string | null {
  const names = parametersOf(url).map(([name]) => name);
  const unknown = names.find((name) => !isKnown(url, name));
  if (unknown !== undefined) return `${shown(unknown)} is not known`;
  const repeated = names.find((name, i) => names.indexOf(name) < i);
  if (repeated !== undefined) return `the parameter ${repeated} is given twice`;
  return parametersOf(url).some(([name, value]) => name === 'schema' && value === '')
    ? 'the parameter schema is empty'
    : null;
}

/** What the parameters of a database's URL ask for in vain, each with what to do instead. */
export function findParameterWarnings(url: string): string[] {
  return parametersOf(url).flatMap(([name]) => {
    if (effectiveParameters.has(name)) return [];
    const advice = replacementsFor(url)[name];
    return [advice ? `the parameter ${name} has no effect; ${advice}` : `the parameter ${name} has no effect`];
  });
}

function isKnown(url: string, name: string): boolean {
  return name in replacementsFor(url) || taken[providerOf(url)].some((names) => names.has(name));
}

function replacementsFor(url: string): Record<string, string> {
  return replacements[providerOf(url)];
}

/** A long or strange name may be a part of a password. */
function shown(name: string): string {
  return /^[a-z][a-z_]{1,40}$/i.test(name) ? `the parameter ${name}` : 'one of the parameters';
}
