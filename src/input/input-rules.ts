import { DomainError, type Issue } from '../errors.ts';
import { assertNoIssues, maxIssues, ValidationError } from './validation-errors.ts';

/** What one input field accepts. `null` clears a clearable field and is refused by any other. */
export interface FieldRule<T, Clearable extends boolean = boolean> {
  readonly clearable: Clearable;
  /** Untrusted value → typed value; throws ValidationError. Never sees null or undefined. */
  readonly parse: (value: unknown) => T;
}

export const clearable = <T>(parse: (value: unknown) => T): FieldRule<T, true> => ({ clearable: true, parse });
export const required = <T>(parse: (value: unknown) => T): FieldRule<T, false> => ({ clearable: false, parse });

/** A parsed input: an absent key was omitted, null was given for a clearable field. */
export type Parsed<Rules> = {
  [K in keyof Rules]?: Rules[K] extends FieldRule<infer T, infer C> ? (C extends true ? T | null : T) : never;
};

/** What was understood of an input, and every problem of form. */
export interface ParsedInput<Rules> {
  readonly fields: Parsed<Rules>;
  readonly issues: Issue[];
}

/**
 * Reads an untrusted input and collects every problem of form, each with its field's name; throws where there are too many to
 * be told. A key whose value is `undefined` counts as omitted.
 */
export function parseInput<Rules extends Record<string, FieldRule<unknown>>>(
  rules: Rules,
  input: unknown,
): ParsedInput<Rules> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new DomainError('invalid_request_parameters', 'Expected an object.');
  }
  const fields: Record<string, unknown> = {};
  const issues: Issue[] = [];
  let uncollected = 0;
  for (const [field, value] of Object.entries(input)) {
    if (value === undefined) continue;
    if (issues.length >= maxIssues && !Object.hasOwn(rules, field)) {
      uncollected += 1; // thousands of unknown names cost no more than counting them
      continue;
    }
    try {
      fields[field] = parseField(rules, field, value);
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      issues.push({ field, code: error.code, message: error.message, reason: error.reason });
    }
  }
  if (uncollected > 0) assertNoIssues(issues, uncollected);
  return { fields: fields as Parsed<Rules>, issues };
}

function parseField(rules: Record<string, FieldRule<unknown>>, field: string, value: unknown): unknown {
  if (value instanceof ValidationError) throw value; // whoever passes the input on has found it wrong
  const rule = Object.hasOwn(rules, field) ? rules[field] : undefined;
  if (!rule) throw new ValidationError('invalid_request_parameters', 'There is no such field.', 'unknown');
  if (value !== null) return rule.parse(value);
  if (rule.clearable) return null;
  throw new ValidationError(
    'invalid_request_parameters',
    'This field cannot be null. Leave it out to keep it as it is.',
  );
}

/** Reports fields that must be given and were not, unless they are reported already. */
export function requireFields(names: string[], fields: object, issues: Issue[]): void {
  for (const field of names) {
    if (Object.hasOwn(fields, field) || issues.some((issue) => issue.field === field)) continue;
    const message = 'This field is required.';
    issues.push({ field, code: 'invalid_request_parameters', message, reason: 'required' });
  }
}
