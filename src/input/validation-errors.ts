import { DomainError, type ErrorCode, type Issue, type IssueReason } from '../errors.ts';
import { safeName } from './safe-name.ts';

/** One input value that breaks a rule of form. The parser adds the field's name and goes on to the next field. */
export class ValidationError extends Error {
  override readonly name = 'ValidationError';
  readonly code: ErrorCode;
  readonly reason: IssueReason;

  constructor(code: ErrorCode, message: string, reason: IssueReason = 'invalid') {
    super(message);
    this.code = code;
    this.reason = reason;
  }
}

/** The problems of a new password. They are reported together, under one code of their own. */
const strengthCodes = new Set(['password_too_short', 'password_too_long', 'password_too_weak', 'password_pwned']);

/** So many problems are told; whoever has more has the same one many times. */
export const maxIssues = 20;

/**
 * Throws one DomainError that reports every issue, or the first ones and how many more there are; returns when there is
 * none. `uncollected` are those that were not collected.
 */
export function assertNoIssues(found: Issue[], uncollected = 0): void {
  const issues = found.slice(0, maxIssues);
  const [first] = issues;
  if (!first) return;
  if (issues.every((issue) => strengthCodes.has(issue.code))) {
    const message = issues.map((issue) => issue.message).join(' ');
    throw new DomainError('password_strength_error', message, { field: 'password', issues });
  }
  const count = found.length + uncollected;
  if (count === 1) {
    throw new DomainError(first.code as ErrorCode, first.message, first.field ? { field: first.field } : {});
  }
  if (count > issues.length)
    issues.push({ code: 'invalid_request_parameters', message: tellMore(count - issues.length) });
  const sameCode = issues.every((issue) => issue.code === first.code);
  const fields = [...new Set(found.slice(0, maxIssues).map(({ field = '' }) => safeName(field)))].join(', ');
  throw new DomainError(
    sameCode ? (first.code as ErrorCode) : 'invalid_request_parameters',
    `The input has ${count} problems: ${fields}.`,
    { issues },
  );
}

/** The last entry, where not all are told. */
export function tellMore(count: number): string {
  return count === 1 ? 'There is one more problem.' : `There are ${count} more problems.`;
}
