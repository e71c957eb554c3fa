import type { Note, SourcePassword, Values } from './import-format.ts';

/** A text, or undefined for what is none or empty. Numbers, of which some sources make ids, become text. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function objectOf(value: unknown): Values {
  const parsed = typeof value === 'string' ? parsedJson(value) : value;
  return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Values) : {};
}

/** The objects in a list. */
export function listOf(value: unknown): Values[] {
  const parsed = typeof value === 'string' ? parsedJson(value) : value;
  return Array.isArray(parsed) ? parsed.filter((item) => typeof item === 'object' && item !== null) : [];
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** True and false as JSON, CSV and dumps of databases write them; undefined for anything else. */
export function flagOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const text = String(value ?? '').toLowerCase();
  if (['true', 't', '1', 'yes'].includes(text)) return true;
  return ['false', 'f', '0', 'no'].includes(text) ? false : undefined;
}

/** What stands at a path such as `traits.email`; a key may have dots itself. */
export function valueAt(values: Values, path: string): unknown {
  if (Object.hasOwn(values, path)) return values[path];
  const [first = '', ...rest] = path.split('.');
  if (rest.length === 0 || !Object.hasOwn(values, first)) return undefined;
  const inner = values[first];
  return typeof inner === 'object' && inner !== null ? valueAt(inner as Values, rest.join('.')) : undefined;
}

/** Lists say what does not come along, for each thing that is there. */
export function notCarried(found: Readonly<Record<string, unknown>>): Note[] {
  return Object.entries(found)
    .filter(([, value]) => (Array.isArray(value) ? value.length > 0 : value))
    .map(([field]) => ({
      code: 'not_carried',
      field,
      message: notCarriedMessages[field] ?? `${field} is not carried.`,
    }));
}

const notCarriedMessages: Record<string, string> = {
  phone: 'Phone numbers are not carried.',
  addresses: 'A user has one address; the others are not carried.',
  mfa: 'Second factors are not carried.',
  organization: 'Organisations are not carried.',
  disabled: 'The account was disabled there. Here it is not.',
  username: 'User names are not carried.',
  plain_password: 'A password in plain text is not taken. The user sets a new one.',
  app_metadata: 'app_metadata is not carried. Name what of it is to come with --map metadata.KEY=app_metadata.KEY.',
};

/** A hash, where there is one. */
export function passwordOf(hash: unknown, rest: Omit<SourcePassword, 'hash'> = {}): SourcePassword | null {
  return typeof hash === 'string' && hash !== '' ? { hash, ...rest } : null;
}
