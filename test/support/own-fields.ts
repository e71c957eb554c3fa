import { toKey } from '../../src/rest/body-input.ts';
import { plainFields } from '../../src/users/fields.ts';

/** The plain fields that WorkOS has too. What is expected of them is written out by hand in every table of the tests. */
const ofWorkos = ['firstName', 'lastName', 'name', 'externalId', 'locale'];

/** The plain fields that Roster has beyond WorkOS's: the tables derive what is expected of them from their one rule. */
export const ownFields = Object.keys(plainFields).filter((name) => !ofWorkos.includes(name));
export const ownKeys = ownFields.map(toKey);

const samples = ['Grace', 'en-GB', true, 7, 'https://example.com/', '2026-01-15T12:00:00.000Z'];

/** A value that the rule of a plain field takes. */
export function sampleOf(field: string): unknown {
  const { parse } = plainFields[field as keyof typeof plainFields];
  const sample = samples.find((value) => {
    try {
      parse(value);
      return true;
    } catch {
      return false;
    }
  });
  if (sample === undefined) throw new Error(`Give test/support/own-fields.ts a sample of ${field}.`);
  return sample;
}

/** For each of these fields, what the function says of it. */
export function forEachOwn<T>(describe: (field: string) => T): Record<string, T> {
  return Object.fromEntries(ownFields.map((field) => [field, describe(field)]));
}
