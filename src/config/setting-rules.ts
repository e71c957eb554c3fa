import { z } from 'zod';
import { findFormProblem } from './database-url.ts';
import { findParameterProblem } from './database-url-parameters.ts';

/** A whole number within limits, both included. */
export function integer(min: number, max: number) {
  const rule = `expected a whole number from ${min} to ${max}`;
  return z.coerce.number(rule).refine((value) => Number.isInteger(value) && value >= min && value <= max, rule);
}

export const milliseconds = integer(0, 3_600_000);
export const perMinute = integer(0, 1_000_000);
export const flag = z.stringbool();

export const origins = z
  .string()
  .transform((list) => list.split(',').map((origin) => origin.trim()))
  .refine(
    (list) => list.every(isOrigin),
    'expected origins such as https://app.example.com, separated by commas; no *',
  );

/** Names of HTTP headers (RFC 9110, section 5.1). `*` is none here: it would not stand for `Authorization`, nor say what is meant. */
export const headerNames = z
  .string()
  .transform((list) => list.split(',').map((name) => name.trim().toLowerCase()))
  .refine(
    (list) => list.every((name) => /^[\w!#$%&'+.^`|~-]+$/.test(name)),
    'expected names of headers such as x-tenant, separated by commas; no *',
  );

/** Names or addresses of hosts, as they stand in a URL, without a port. */
export const hostNames = z
  .string()
  .transform((list) => list.split(',').map((host) => host.trim().toLowerCase()))
  .refine(
    (list) => list.every((host) => URL.canParse(`http://${host}`) && new URL(`http://${host}`).host === host),
    'expected hosts such as hooks.internal, separated by commas; no ports and no *',
  );

/** As a browser sends it in `Origin`: no path, no final slash, no default port. */
function isOrigin(text: string): boolean {
  return /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** Where a database is. The messages never repeat it: it may hold a password. */
export function databaseUrl(form: RegExp, expected: string) {
  return z.string().superRefine((url, context) => {
    const problem = form.test(url) ? (findFormProblem(url) ?? findParameterProblem(url)) : expected;
    if (problem) context.addIssue({ code: 'custom', message: problem });
  });
}
