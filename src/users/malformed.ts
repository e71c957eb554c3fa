import { DomainError, type ErrorCode, type Issue, type IssueReason } from '../errors.ts';

/** One input value that breaks a rule of form. The parser adds the field's name and goes on to the next field. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
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

/** Throws one DomainError that reports every issue; returns when there is none. */
export function assertNoIssues(issues: Issue[]): void {
  const [first] = issues;
  if (!first) return;
  if (issues.every((issue) => strengthCodes.has(issue.code))) {
    const message = issues.map((issue) => issue.message).join(' ');
    throw new DomainError('password_strength_error', message, { field: 'password', issues });
  }
  if (issues.length === 1) {
    throw new DomainError(first.code as ErrorCode, first.message, first.field ? { field: first.field } : {});
  }
  const sameCode = issues.every((issue) => issue.code === first.code);
  const fields = [...new Set(issues.map((issue) => issue.field))].join(', ');
  throw new DomainError(
    sameCode ? (first.code as ErrorCode) : 'invalid_request_parameters',
    `The input has ${issues.length} problems: ${fields}.`,
    { issues },
  );
}
