import type { Miss } from '../codes/guess.ts';
import { DomainError, type ErrorCode } from '../errors.ts';

/** The error of an operation for each reason why a code does not count. */
export function missedBy(errors: Readonly<Record<Miss, readonly [ErrorCode, string]>>): (miss: Miss) => DomainError {
  return (miss) => {
    const [code, message] = errors[miss];
    return new DomainError(code, message, { field: 'code' });
  };
}
