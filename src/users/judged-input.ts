import type { Issue } from '../errors.ts';
import { type ParsedInput, parseInput } from '../input/input-rules.ts';
import { type Actor, actingUser } from '../principal/principal.ts';
import { findCredentialIssues, hasCredentials } from './credentials.ts';
import {
  assertMayTryPassword,
  findCurrentPasswordIssues,
  findWithPassword,
  type UserWithPassword,
} from './current-password.ts';
import { type ParsedFields, updateFields } from './fields.ts';
import type { UsersApp } from './users-app.ts';

/** What was understood of the input of an update, and all that can be said against it without deciding the update. */
export interface JudgedInput {
  readonly fields: ParsedFields;
  readonly issues: Issue[];
  /** The user, where the input is about a password; null where it is not, or where there is none. */
  readonly known: UserWithPassword | null;
  readonly isAboutPassword: boolean;
}

/** Judges the form of an input and the strength of its password. Throws where there is too much wrong, and `rate_limited`. */
export async function judgeInput(app: UsersApp, actor: Actor, id: string, input: unknown): Promise<JudgedInput> {
  const parsed = parseInput(updateFields, input);
  if (hasCredentials(parsed.fields)) return judgeCredentials(app, actor, id, parsed);
  return { ...parsed, known: null, isAboutPassword: false };
}

/** The same for an input whose form is judged, and that has credentials in it. */
export async function judgeCredentials(
  app: UsersApp,
  actor: Actor,
  id: string,
  { fields, issues }: ParsedInput<typeof updateFields>,
): Promise<JudgedInput> {
  const isAboutPassword = fields.password !== undefined || fields.currentPassword !== undefined;
  const known = isAboutPassword ? await findWithPassword(app, id) : null;
  await assertMayTryPassword(app, fields, actor);
  issues.push(...(await findCredentialIssues(app, fields, known ?? {})));
  if (actingUser(actor)) issues.push(...findCurrentPasswordIssues(fields));
  return { fields, issues, known, isAboutPassword };
}
