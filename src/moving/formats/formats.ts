import { OperatorError } from '../../errors.ts';
import type { ImportFormat, SourceRecord } from '../source/import-format.ts';
import { auth0 } from './auth0.ts';
import { betterAuth } from './better-auth.ts';
import { clerk } from './clerk.ts';
import { cognito } from './cognito.ts';
import { csv, workos } from './csv.ts';
import { django } from './django.ts';
import { firebase } from './firebase.ts';
import { fusionauth } from './fusionauth.ts';
import { keycloak } from './keycloak.ts';
import { kratos } from './kratos.ts';
import { ldif } from './ldif.ts';
import { okta } from './okta.ts';
import { roster } from './roster.ts';
import { supabase } from './supabase.ts';

/** Every kind of source, by the name that a command line gives it. */
export const importFormats = {
  roster,
  csv,
  workos,
  auth0,
  firebase,
  supabase,
  clerk,
  keycloak,
  'better-auth': betterAuth,
  django,
  kratos,
  fusionauth,
  okta,
  cognito,
  ldif,
} as const satisfies Record<string, ImportFormat>;

export type ImportName = keyof typeof importFormats;

export const importNames = Object.keys(importFormats) as ImportName[];

/** The format with this name; without one, that which alone knows the first records of the files. Throws OperatorError. */
export function chooseFormat(name: string | undefined, firsts: readonly SourceRecord[]): ImportName {
  if (name !== undefined) {
    const known = importNames.find((one) => one === name);
    if (known) return known;
    throw new OperatorError(`There is no format '${name}'. The formats are: ${importNames.join(', ')}.`);
  }
  const fitting = importNames.filter(
    (one) => firsts.length > 0 && firsts.every((record) => importFormats[one].recognises(record)),
  );
  const [only] = fitting;
  if (only && fitting.length === 1) return only;
  throw new OperatorError(
    `It cannot be told where these users come from. Say it with --from: ${(fitting.length > 0 ? fitting : importNames).join(', ')}.`,
  );
}
