import { parseInput } from '../input/input-rules.ts';
import { safeName } from '../input/safe-name.ts';
import { assertNoIssues, maxIssues, ValidationError } from '../input/validation-errors.ts';
import { userFields } from '../users/fields.ts';
import { sendsNullForOmitted } from './older-sdks.ts';
import { changeFields, newPasswordFields, revocationFields, userInputs } from './wire.ts';
import { grantFields } from './wire-grants.ts';
import { endpointFields } from './wire-webhooks.ts';

type Table = Readonly<Record<string, { readonly name: string }>>;

/** How a body is read. */
export interface Reading {
  /** The keys that it may have. */
  readonly fields: Table;
  /** Keys that are accepted and not used. */
  readonly unused?: readonly string[];
  /** The `User-Agent` of the request: some SDKs cannot leave a key out. */
  readonly userAgent: string | null;
  /** The id in the path, which some SDKs repeat in the body. */
  readonly idInPath?: string;
}

/** Under these the SDKs for Java (`id`) and Go (`User`) repeat the id of the path. */
const idKeys = ['id', 'User'];

/** Stands before a key that the table does not have, so that the domain reports it with all other problems. */
const unknownMark = '?';

const clearable = new Set(Object.entries(userFields).flatMap(([name, rule]) => (rule.clearable ? [name] : [])));

/**
 * A body under the domain's names. `null` clears what can be empty, and is as good as left out anywhere else. PHP writes an
 * empty map as `[]`, which is read as `{}`: as the whole body, and as metadata. What is no object stays as it is, for the
 * domain to refuse. Where more keys are unknown than are told, they are refused here: the rest is only counted.
 */
export function toInput(body: unknown, { fields, unused = [], userAgent, idInPath }: Reading): unknown {
  if (isEmptyList(body)) return {};
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const cannotClear = sendsNullForOmitted(userAgent);
  const input: Record<string, unknown> = {};
  let unknown = 0;
  for (const [key, given] of Object.entries(body)) {
    const name = Object.hasOwn(fields, key) ? fields[key]?.name : undefined;
    if (given === null && (cannotClear || name === undefined || !clearable.has(name))) continue;
    if (unused.includes(key)) continue;
    const repeatsId = idInPath !== undefined && idKeys.includes(key);
    if (name !== undefined) input[name] = name === 'metadata' && isEmptyList(given) ? {} : given;
    else if (!repeatsId || given !== idInPath) {
      unknown += 1;
      if (unknown <= maxIssues) input[unknownMark + key] = repeatsId ? otherId : given;
    }
  }
  if (unknown > maxIssues) refuseUnknown(input, unknown - maxIssues);
  return input;
}

function refuseUnknown(input: Record<string, unknown>, uncollected: number): void {
  const unknown = Object.entries(input).filter(([name]) => name.startsWith(unknownMark));
  assertNoIssues(parseInput({}, Object.fromEntries(unknown)).issues, uncollected);
}

const otherId = new ValidationError('invalid_request_parameters', 'This is another id than the one in the path.');

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

const tables: Table[] = [
  userInputs,
  ...Object.values(grantFields),
  revocationFields,
  changeFields,
  newPasswordFields,
  endpointFields,
];
const keyOf = new Map(tables.flatMap((table) => Object.entries(table).map(([key, { name }]) => [name, key] as const)));

/** The wire's key for one of the domain's names, or for a name that is not known, as far as it may be shown. */
export function toKey(name: string): string {
  return keyOf.get(name) ?? safeName(name.startsWith(unknownMark) ? name.slice(unknownMark.length) : name);
}
