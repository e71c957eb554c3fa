import { parseInput, required, requireFields } from '../input/input-rules.ts';
import { assertNoIssues } from '../input/validation-errors.ts';
import { parseString } from './bodies.ts';
import { toInput } from './body-input.ts';
import type { Call } from './call.ts';

type Table<Name extends string> = Readonly<Record<string, { readonly name: Name }>>;

/** The texts that a body has to have, all of a table, by the domain's names. Throws `invalid_request_parameters`. */
export async function readTexts<Name extends string>(
  { body, userAgent }: Call,
  fields: Table<Name>,
  unused: readonly string[] = [],
): Promise<Readonly<Record<Name, string>>> {
  const names = Object.values(fields).map(({ name }) => name);
  const rules = Object.fromEntries(names.map((name) => [name, required(parseString)]));
  const { fields: given, issues } = parseInput(rules, toInput(await body(), { fields, unused, userAgent }));
  requireFields(names, given, issues);
  assertNoIssues(issues);
  return given as Record<Name, string>;
}
