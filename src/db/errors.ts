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
 * time-out), 58 (files that cannot be read or written); 25006: read-only, 25P03 and 25P04: a transaction that paused or took
 * too long, 3D000: no such database, 55000: it takes no connections, 55P03: a lock was not to be had in time.
 */
const retryableStates = /^(08|28|53|57|58)|^(25006|25P03|25P04|3D000|55000|55P03)$/;
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

/** Another transaction has held a lock for longer than was to be waited for; nothing was written. */
export class LockTimeout extends Error {
  override readonly name = 'LockTimeout';
}

/** Whether PostgreSQL gave up waiting for a lock. */
export function isLockTimeout(error: unknown): boolean {
  return adapterCause(error)?.originalCode === '55P03';
}

/** A statement came after the end of its transaction, which took too long. */
export class TransactionOver extends Error {
  override readonly name = 'TransactionOver';

  constructor() {
    super('The transaction is over.');
  }
}

/** A COMMIT that was sent and not answered: whether it happened, only the database can tell. */
export class UnansweredCommit extends Error {
  override readonly name = 'UnansweredCommit';

  constructor(cause: unknown) {
    super('The connection broke during COMMIT.', { cause });
  }
}

/** What a client hears where the database was busy or away; any other error unchanged. */
export function toDomainError(error: unknown): unknown {
  if (error instanceof UnansweredCommit) {
    return new DomainError(
      'outcome_unknown',
      'The connection to the database broke during the COMMIT: the change may have been made. Read before you repeat it.',
    );
  }
  return isRetryable(error) ? unavailable() : error;
}

/** Nothing was written, and the client may try again. */
export function unavailable(): DomainError {
  const message = 'The database is busy or away, and nothing was written. Try again in a moment.';
  return new DomainError('service_unavailable', message, { retryAfterSeconds: 1 });
}

/** In these classes the server ends the connection itself, or breaks down, and may have committed before. */
const endedStates = /^(08|53|57P|58|XX)/;

/**
 * Whether a COMMIT that failed with this error may have happened all the same. It has not where the server answered that it
 * gave the transaction up, or where the connection was known to be broken already.
 */
export function mayHaveCommitted(error: unknown): boolean {
  const state = adapterCause(error)?.originalCode;
  if (state !== undefined) return endedStates.test(state);
  return !(error instanceof Error && notSent.test(error.message));
}

/** What `pg` says of a statement that it has not sent. */
const notSent = /not queryable/;

const reasons: Partial<Record<string, string>> = {
  DatabaseNotReachable: 'no server answers there',
  TlsConnectionError: 'no TLS connection could be made; if the server offers none, leave sslmode out',
};

/** What the database said, or the system where no database answered. Only of errors that quote no values. */
export function reasonOf(error: unknown): string {
  if (error instanceof UnansweredCommit) return `during COMMIT: ${reasonOf(error.cause)}`;
  const { message, code } = error as NodeJS.ErrnoException;
  const cause = adapterCause(error);
  if (cause) return cause.originalMessage ?? reasons[cause.kind] ?? cause.kind;
  return message || `no connection (${code})`;
}

function isRetryable(error: unknown): boolean {
  if (retryableCodes.has(codeOf(error) ?? '')) return true;
  const cause = adapterCause(error);
  if (cause && retryableKinds.has(cause.kind)) return true;
  if (retryableStates.test(cause?.originalCode ?? '') || isUnusableFile(error)) return true;
  if (!(error instanceof Error)) return false;
  if (error instanceof TransactionOver) return true;
  return brokenConnection.test(error.message) || brokenSockets.has((error as NodeJS.ErrnoException).code ?? '');
}

/** Whether the file, or the disk that it is on, is of no use at the moment; what is in the file is not to blame. */
export function isUnusableFile(error: unknown): boolean {
  return unusableFile.test(adapterCause(error)?.originalCode ?? String((error as NodeJS.ErrnoException)?.code));
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
