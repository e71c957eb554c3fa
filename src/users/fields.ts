import { parse as parseBcp47 } from 'bcp-47';
import { clearable, type Parsed, parseInput, required } from '../input/input-rules.ts';
import { assertStorableText, countCharacters } from '../input/text.ts';
import { assertNoIssues, ValidationError } from '../input/validation-errors.ts';
import { passwordHashTypes, saltPositions } from '../passwords/stored-password.ts';
import { type EmailAddress, parseEmail } from './email.ts';
import { parseMetadataPatch } from './metadata.ts';

export const maxNameCharacters = 255;
export const maxExternalIdCharacters = 128;
const maxLocaleCharacters = 255;

/** The fields that are stored as they are given. A new plain field of User is one line here. */
export const plainFields = {
  firstName: clearable(text(maxNameCharacters)),
  lastName: clearable(text(maxNameCharacters)),
  name: clearable(text(maxNameCharacters)),
  externalId: clearable(parseExternalId),
  locale: clearable(parseLocale),
};

export const plainNames = Object.keys(plainFields) as (keyof typeof plainFields)[];

/** What a password is set by. */
const passwordFields = {
  password: required(parseText),
  passwordHash: required(parseText),
  passwordHashType: required(oneOf(...passwordHashTypes)),
  passwordSaltPosition: required(oneOf(...saltPositions)),
};

/** Every input of `updateUser`, with its rule of form. */
export const userFields = {
  email: required(parseAddress),
  emailVerified: required(parseBoolean),
  ...plainFields,
  metadata: clearable(parseMetadataPatch),
  ...passwordFields,
};

/** What an update takes besides. */
export const updateFields = {
  ...userFields,
  currentPassword: required(parseText),
};

/** What takes look-ups and hashing. */
export const credentialNames = [
  'currentPassword',
  ...(Object.keys(passwordFields) as (keyof typeof passwordFields)[]),
] as const;

/** A parsed input: an absent key leaves the field as it is, null clears it. */
export type ParsedFields = Parsed<typeof updateFields>;

/** An address, or ValidationError. */
export function parseAddress(value: unknown): EmailAddress {
  if (typeof value === 'string') assertStorableText(value, 'The address');
  const email = typeof value === 'string' ? parseEmail(value) : null;
  if (!email)
    throw new ValidationError(
      'invalid_email',
      'This is not an email address. Expected something like name@example.com.',
    );
  return email;
}

/** An address that stands in this field; throws `invalid_email`. */
export function readAddress(typed: string, field = 'email'): EmailAddress {
  const { fields, issues } = parseInput({ [field]: required(parseAddress) }, { [field]: typed });
  assertNoIssues(issues);
  return fields[field] as EmailAddress;
}

function parseBoolean(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new ValidationError('invalid_request_parameters', 'Expected true or false.');
  return value;
}

function parseText(value: unknown): string {
  if (typeof value !== 'string') throw new ValidationError('invalid_request_parameters', 'Expected a string.');
  assertStorableText(value, 'The text');
  return value;
}

/** Text of a bounded length, counted in code points. */
export function text(maxCharacters: number, minCharacters = 0) {
  return (value: unknown): string => {
    const string = parseText(value);
    const length = countCharacters(string);
    if (length >= minCharacters && length <= maxCharacters) return string;
    const range = minCharacters > 0 ? `${minCharacters} to ${maxCharacters}` : `At most ${maxCharacters}`;
    const reason = length > maxCharacters ? 'too_long' : 'invalid';
    throw new ValidationError('invalid_request_parameters', `${range} characters are allowed.`, reason);
  };
}

/** One of a closed set of strings. */
export function oneOf<const Values extends readonly string[]>(...values: Values) {
  return (value: unknown): Values[number] => {
    if (typeof value === 'string' && values.includes(value)) return value;
    throw new ValidationError('invalid_request_parameters', `Expected one of ${values.join(', ')}.`);
  };
}

function parseExternalId(value: unknown): string {
  const string = parseText(value);
  if (string.length < 1 || string.length > maxExternalIdCharacters || !/^\p{ASCII}+$/u.test(string)) {
    throw new ValidationError(
      'invalid_request_parameters',
      `An external id has 1 to ${maxExternalIdCharacters} ASCII characters.`,
      string.length > maxExternalIdCharacters ? 'too_long' : 'invalid',
    );
  }
  return string;
}

/** BCP 47 (RFC 5646): well-formed, stored in the case that section 2.1.1 recommends. */
function parseLocale(value: unknown): string {
  if (typeof value === 'string') assertStorableText(value, 'The locale');
  const tag = typeof value === 'string' && value.length <= maxLocaleCharacters ? value : '';
  const parsed = parseBcp47(tag);
  if (!parsed.language && parsed.privateuse.length === 0 && !parsed.irregular && !parsed.regular) {
    throw new ValidationError('invalid_locale', 'This is not a BCP 47 language tag. Expected something like en-US.');
  }
  return canonicalCase(tag);
}

/** RFC 5646, section 2.1.1: two letters upper, four letters title, all else lower; after a singleton all is lower. */
function canonicalCase(tag: string): string {
  let afterSingleton = false;
  const subtags = tag
    .toLowerCase()
    .split('-')
    .map((subtag, i) => {
      if (subtag.length === 1) afterSingleton = true;
      if (i === 0 || afterSingleton || !/^[a-z]+$/.test(subtag)) return subtag;
      if (subtag.length === 2) return subtag.toUpperCase();
      return subtag.length === 4 ? subtag.charAt(0).toUpperCase() + subtag.slice(1) : subtag;
    });
  return subtags.join('-');
}
