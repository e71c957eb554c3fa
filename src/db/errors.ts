import { DomainError } from '../errors.ts';
import { Prisma } from '../generated/sqlite/client.ts';

interface ConstraintCause {
  cause?: { table?: string; constraint?: { index?: string; fields?: string[] } };
}

/** The name of the unique constraint that refused a write, or null when the error is another one. */
export function violatedConstraint(error: unknown): string | null {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== 'P2002') return null;
  const { cause } = (error.meta?.driverAdapterError ?? {}) as ConstraintCause;
  return cause?.constraint?.index ?? null;
}

/** P1008: the database answered too late. P2024: no free connection. P2028: no turn, or the turn took too long. */
const busyCodes = new Set(['P1008', 'P2024', 'P2028']);

/** A refusal that the client may repeat, where the database was only busy; any other error unchanged. */
export function toDomainError(error: unknown): unknown {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError) || !busyCodes.has(error.code)) return error;
  return new DomainError('service_unavailable', 'The database is busy. Nothing was written; try again in a moment.', {
    retryAfterSeconds: 1,
  });
}
