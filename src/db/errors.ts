import { DriverAdapterError } from '@prisma/driver-adapter-utils';
import { DomainError } from '../errors.ts';
import type { Prisma } from '../generated/sqlite/client.ts';

/** The name of the unique constraint that refused a write, or null when the error is another one. */
export function violatedConstraint(error: unknown): string | null {
  const cause = adapterCause(error);
  if (cause?.kind !== 'UniqueConstraintViolation') return null;
  return cause.constraint && 'index' in cause.constraint ? cause.constraint.index : null;
}

/** Whether the database gave up a transaction because of another one: a deadlock or a serialization failure. */
export function isWriteConflict(error: unknown): boolean {
  return codeOf(error) === 'P2034' || kindOf(error) === 'TransactionWriteConflict';
}

/**
 * P1000, P1010: not let in. P1001: not reachable. P1003: no such database. P1008: answered too late. P1011: no TLS. P1017:
 * connection closed. P2024: no free connection. P2028: no turn, or the turn took too long. P2034: a conflict. P2037: too
 * many connections.
 */
const retryableCodes = new Set('P1000 P1001 P1003 P1008 P1010 P1011 P1017 P2024 P2028 P2034 P2037'.split(' '));
const retryableKinds = new Set([
  'SocketTimeout',
  'ConnectionClosed',
  'DatabaseNotReachable',
  'DatabaseDoesNotExist',
  'DatabaseAccessDenied',
  'AuthenticationFailed',
  'TlsConnectionError',
  'TooManyConnections',
  'TransactionWriteConflict',
]);
/**
 * PostgreSQL's classes 08 (connection), 28 (not let in), 53 (resources, such as the disk), 57 (operator: shut down, statement
 * time-out), 58 (files that cannot be read or written); 25006: read-only, 25P03: a transaction that paused too long, 3D000: no such database, 55000: it takes no connections.
 */
const retryableStates = /^(08|28|53|57|58)|^(25006|25P03|3D000|55000)$/;
/** SQLite's disk is full, read-only or broken, or its file cannot be opened. */
const unusableFile = /^SQLITE_(FULL|READONLY|IOERR|CANTOPEN)/;
/** What the operating system says of a connection, where Prisma's adapter has no word for it. */
const brokenSockets = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
]);
/** What `pg` says without a code when a connection breaks, when the pool has none free, when the server is silent. */
const brokenConnection =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed/i;

/** A refusal that the client may repeat, where the database was busy or away; any other error unchanged. */
export function toDomainError(error: unknown): unknown {
  if (!isRetryable(error)) return error;
  return new DomainError(
    'service_unavailable',
    'The database is busy or away. Try again in a moment; read first, if what you sent must not happen twice.',
    { retryAfterSeconds: 1 },
  );
}

const reasons: Partial<Record<string, string>> = {
  DatabaseNotReachable: 'no server answers there',
  TlsConnectionError: 'no TLS connection could be made; if the server offers none, leave sslmode out',
};

/** What the database said, or the system where no database answered. Only of errors that quote no values. */
export function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  const cause = adapterCause(error);
  if (cause) return cause.originalMessage ?? reasons[cause.kind] ?? cause.kind;
  return message || `no connection (${code})`;
}

function isRetryable(error: unknown): boolean {
  if (retryableCodes.has(codeOf(error) ?? '')) return true;
  const cause = adapterCause(error);
  if (cause && retryableKinds.has(cause.kind)) return true;
  const state = cause?.originalCode ?? '';
  if (retryableStates.test(state) || unusableFile.test(state)) return true;
  if (!(error instanceof Error)) return false;
  return brokenConnection.test(error.message) || brokenSockets.has((error as NodeJS.ErrnoException).code ?? '');
}

function knownError(error: unknown): Prisma.PrismaClientKnownRequestError | null {
  return error instanceof Error && error.name === 'PrismaClientKnownRequestError'
    ? (error as Prisma.PrismaClientKnownRequestError)
    : null;
}

function codeOf(error: unknown): string | null {
  return knownError(error)?.code ?? null;
}

function kindOf(error: unknown): string | null {
  return adapterCause(error)?.kind ?? null;
}

/** Prisma translates what a statement threw, but not what a COMMIT threw. */
function adapterCause(error: unknown): DriverAdapterError['cause'] | null {
  if (error instanceof DriverAdapterError) return error.cause;
  const meta = knownError(error)?.meta as { driverAdapterError?: { cause?: DriverAdapterError['cause'] } } | undefined;
  return meta?.driverAdapterError?.cause ?? null;
}
