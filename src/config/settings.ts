import type { z } from 'zod';
import { databaseSettings } from './settings/database.ts';
import { graphqlSettings } from './settings/graphql.ts';
import { limitSettings } from './settings/limits.ts';
import { mailSettings } from './settings/mail.ts';
import { passwordSettings } from './settings/passwords.ts';
import { serverSettings } from './settings/server.ts';
import { sessionSettings } from './settings/sessions.ts';
import { tokenSettings } from './settings/tokens.ts';
import { webhookSettings } from './settings/webhooks.ts';

/** The groups of settings, by their heading in `docs/configuration.md`, which is written from them. */
export const settingGroups = {
  Database: databaseSettings,
  Server: serverSettings,
  GraphQL: graphqlSettings,
  Limits: limitSettings,
  Passwords: passwordSettings,
  'Sessions and codes': sessionSettings,
  'Access tokens': tokenSettings,
  Mail: mailSettings,
  Webhooks: webhookSettings,
};

/** Every setting: its name in the environment, its rule, its default and what it does. */
export const settings = {
  ...databaseSettings,
  ...serverSettings,
  ...graphqlSettings,
  ...limitSettings,
  ...passwordSettings,
  ...sessionSettings,
  ...tokenSettings,
  ...mailSettings,
  ...webhookSettings,
};

/** Names that settings once had, which still work, and what they are called now. */
export const renamedSettings: Readonly<Record<string, keyof typeof settings>> = {
  RATE_LIMIT_PER_PRINCIPAL: 'RATE_LIMIT_PER_USER', // it never counted API keys
};

export type Config = { readonly [Name in keyof typeof settings]: z.infer<(typeof settings)[Name]> };
