import { OperatorError } from '../../errors.ts';
import { readTextFile } from '../../input/text-file.ts';

const names = ['base64_signer_key', 'base64_salt_separator', 'rounds', 'mem_cost'] as const;

/** What all hashes of a Firebase project were made with, by the names of its console: "Password hash parameters". */
export type FirebaseConfig = Readonly<Record<(typeof names)[number], string>>;

/** Reads them as the console shows them, or as JSON; throws OperatorError, which does not repeat what stands there. */
export function readFirebaseConfig(file: string): FirebaseConfig {
  const text = readTextFile(file);
  const entries = names.map((name) => {
    const value = new RegExp(`\\b${name}"?\\s*[:=]\\s*"?([A-Za-z0-9+/_=-]+)`).exec(text)?.[1];
    if (value === undefined) throw new OperatorError(`${file} does not say ${name}.`);
    return [name, value] as const;
  });
  return Object.fromEntries(entries) as FirebaseConfig;
}
