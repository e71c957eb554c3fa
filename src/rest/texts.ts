import { clearable, parseInput, required, requireFields } from '../input/input-rules.ts';
import { assertNoIssues } from '../input/validation-errors.ts';
import { type ClientMetadata, describeClient } from '../sessions/client-metadata.ts';
import { parseString } from './bodies.ts';
import { toInput } from './body-input.ts';
import type { Call } from './call.ts';
import { callerFields } from './wire.ts';

type Table<Name extends string> = Readonly<Record<string, { readonly name: Name }>>;
type Texts<Name extends string> = Readonly<Record<Name, string>>;

/** What is only counted by, or shown to people, is never a reason to refuse. */
const anything = clearable((value: unknown) => value);

/** The texts that a body has to have, all of a table, by the domain's names. Throws `invalid_request_parameters`. */
export async function readTexts<Name extends string>(
  call: Call,
  fields: Table<Name>,
  unused: readonly string[] = [],
): Promise<Texts<Name>> {
  return read(call, fields, { unused, callerFields: {} });
}

/** The same where a backend may say where its user calls from. */
export async function readTextsAndCaller<Name extends string>(
  call: Call,
  fields: Table<Name>,
  unused: readonly string[] = [],
): Promise<{ readonly texts: Texts<Name>; readonly client: ClientMetadata }> {
  const texts = await read(call, fields, { unused, callerFields });
  const { ipAddress, userAgent } = texts as Record<string, unknown>;
  return { texts, client: describeClient(ipAddress, userAgent) };
}

interface Besides {
  readonly unused: readonly string[];
  readonly callerFields: Table<string>;
}

async function read<Name extends string>(
  { body, userAgent }: Call,
  fields: Table<Name>,
  { unused, callerFields }: Besides,
): Promise<Texts<Name>> {
  const names = namesOf(fields);
  const rules = Object.fromEntries([
    ...names.map((name) => [name, required(parseString)]),
    ...namesOf(callerFields).map((name) => [name, anything]),
  ]);
  const reading = { fields: { ...fields, ...callerFields }, unused, userAgent };
  const { fields: given, issues } = parseInput(rules, toInput(await body(), reading));
  requireFields(names, given, issues);
  assertNoIssues(issues);
  return given as Texts<Name>;
}

function namesOf<Name extends string>(fields: Table<Name>): Name[] {
  return Object.values(fields).map(({ name }) => name);
}
