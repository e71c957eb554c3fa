import { DriverAdapterError, type MappedError } from '@prisma/driver-adapter-utils';

/** Whether SQLite said that somebody else holds the file; the same statement may succeed a moment later. */
export function isBusy(error: unknown): boolean {
  return isSqliteError(error) && error.code.startsWith('SQLITE_BUSY');
}

/** Whether a COMMIT was written but perhaps not kept: after a crash it may be there, or not. */
export function isFailedSync(error: unknown): boolean {
  return isSqliteError(error) && error.code === 'SQLITE_IOERR_FSYNC';
}

/** Told by its name: on PostgreSQL the driver of SQLite is not loaded. */
function isSqliteError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && error.name === 'SqliteError';
}

/** What Prisma needs to hear of an error that SQLite raised; anything else passes unchanged. */
export function toDriverAdapterError(error: unknown): unknown {
  if (!isSqliteError(error)) return error;
  return new DriverAdapterError({
    originalCode: error.code,
    originalMessage: error.message,
    ...mapSqliteError(error.code, error.message),
  });
}

function mapSqliteError(code: string, message: string): MappedError {
  switch (code) {
    case 'SQLITE_CONSTRAINT_UNIQUE':
    case 'SQLITE_CONSTRAINT_PRIMARYKEY':
      return { kind: 'UniqueConstraintViolation', constraint: { index: constraintName(message) } };
    case 'SQLITE_CONSTRAINT_NOTNULL':
      return { kind: 'NullConstraintViolation', constraint: { fields: failedColumns(message) } };
    case 'SQLITE_CONSTRAINT_FOREIGNKEY':
    case 'SQLITE_CONSTRAINT_TRIGGER':
      return { kind: 'ForeignKeyConstraintViolation', constraint: { foreignKey: {} } };
    case 'SQLITE_BUSY':
    case 'SQLITE_BUSY_SNAPSHOT':
    case 'SQLITE_BUSY_RECOVERY':
    case 'SQLITE_BUSY_TIMEOUT':
      return { kind: 'SocketTimeout' };
    case 'SQLITE_ERROR':
      if (message.startsWith('no such table'))
        return { kind: 'TableDoesNotExist', table: message.split(': ')[1] ?? '' };
  }
  return { kind: 'sqlite', extendedCode: 1, message };
}

function failedColumns(message: string): string[] {
  return (message.split('constraint failed: ')[1] ?? '').split(', ');
}

/** SQLite names the columns (`users.email_canonical`), never the constraint; Prisma's naming rule gives its name. */
function constraintName(message: string): string {
  const columns = failedColumns(message).map((column) => column.split('.'));
  return `${[columns[0]?.[0], ...columns.map((column) => column[1])].join('_')}_key`;
}

export function rethrow(error: unknown): never {
  throw toDriverAdapterError(error);
}
