import { safeName } from '../../input/safe-name.ts';

const unexpectedParameter = /^Unexpected parameter "(.*)" in the request body\.$/s;
const unexpectedLiteral =
  /^(Syntax Error: (?:Unexpected|Expected (?:\w+|"[^"]+"), found) (?:String|BlockString|Int|Float)) ".*"\.$/s;
const longName = /(\w{40})\w+/g;

/** What graphql-js and Yoga say of a request, with no more of it than short names. */
export function withoutRepetitions(message: string): string {
  return message
    .replace(unexpectedParameter, (_, name) => `Unexpected parameter "${safeName(name)}" in the request body.`)
    .replace(unexpectedLiteral, '$1.')
    .replaceAll(longName, '$1…');
}

const unknownField = /^Field "(.*)" is not defined by type "(\w+)"\.( Did you mean .*\?)?$/s;

/**
 * Of what graphql-js says of a value: what was expected, and the field to blame where the message names one. It repeats the
 * value, which may be a password. Each pattern is tried at the start alone: values may be long.
 */
export function explainWrongValue(message: string): { readonly reason: string; readonly field?: string } {
  const unknown = unknownField.exec(message);
  if (unknown) {
    const [, name = '', type, suggestion = ''] = unknown;
    const field = safeName(name);
    return { reason: `Field "${field}" is not defined by type "${type}".${suggestion}`, field };
  }
  const reason = message
    .replace(/^DateTime cannot .*$/s, 'Expected a DateTime such as "2026-01-15T12:00:00.000Z".')
    .replace(/^Value ".*" does not exist in ("\w+") enum\..*$/s, 'Expected one of the values of $1.')
    .replace(/^((?:\w+|Enum "\w+") cannot represent .*?): .*$/s, '$1.')
    .replace(/^Expected value of type ("[^"]+"), found .*$/s, 'Expected a value of type $1.');
  const field = /^Field "(\w+)"/.exec(reason)?.[1];
  return { reason, ...(field !== undefined && { field }) };
}

/** A reason that does not name who is to blame gets the name. */
export function blame(field: string, reason: string): string {
  return reason.includes(`"${field}"`) || reason.includes(`"$${field}"`) ? reason : `${field}: ${reason}`;
}
