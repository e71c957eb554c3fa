import { allEventTypes } from '../events/event-types.ts';
import type { ApiKeyPrincipal } from '../principal/principal.ts';
import { mayRead } from '../users/access.ts';
import type { UserUpdatePreview } from '../users/preview-update.ts';
import { signInMethods, updateWarnings } from '../users/update-outcome.ts';
import { toKey } from './body-input.ts';
import { presentIssue } from './error-responses.ts';
import { mapFields, output } from './json-schemas.ts';
import { type JsonSchema, presentFields, presentSession } from './wire.ts';
import { changeOutputs } from './wire-codes.ts';
import { identitySchema, presentIdentity } from './wire-identities.ts';

/** What an update would do, as REST shows it. Sessions are shown to keys that may read them; their number to all. */
export function presentPreview(preview: UserUpdatePreview, key: ApiKeyPrincipal, now: Date): Record<string, unknown> {
  const { user, problems, wouldChange, unlinkedIdentities, endedSessions, cancelledEmailChange } = preview;
  return {
    object: 'user_update_preview',
    user_id: user.id,
    version: user.version,
    problems: problems.map(presentIssue),
    would_change: wouldChange.map(({ field, before, after }) => ({ field: toKey(field), before, after })),
    unlinked_identities: unlinkedIdentities.map(presentIdentity),
    ended_sessions: {
      count: endedSessions.count,
      sessions: mayRead(key, 'sessions') ? endedSessions.sessions.map((session) => presentSession(session, now)) : [],
    },
    invalidated_codes: preview.invalidatedCodes,
    cancelled_email_change: cancelledEmailChange && presentFields(changeOutputs, cancelledEmailChange),
    events: preview.events,
    sign_in_methods_after: preview.signInMethodsAfter,
    warnings: preview.warnings,
  };
}

const string = { type: 'string' };
const count = { type: 'integer', minimum: 0 };
const listOf = (items: JsonSchema) => ({ type: 'array', items });
const problem = {
  type: 'object',
  properties: { code: string, message: string, field: string, is_look_up: { type: 'boolean' } },
  required: ['code', 'message', 'is_look_up'],
};

/** The schema of that answer; that of a session is given. */
export function previewSchema(session: JsonSchema): JsonSchema {
  return output({
    object: { const: 'user_update_preview' },
    user_id: string,
    version: count,
    problems: { ...listOf(problem), description: 'Why it would be refused. Then nothing would change.' },
    would_change: listOf(output({ field: string, before: {}, after: {} })),
    unlinked_identities: listOf(identitySchema),
    ended_sessions: output({
      count,
      sessions: { ...listOf(session), description: 'The newest twenty; with the scope `sessions:read`.' },
    }),
    invalidated_codes: listOf(output({ purpose: string, count })),
    cancelled_email_change: {
      oneOf: [{ type: 'null' }, output(mapFields(changeOutputs, ({ schema }) => schema))],
    },
    events: listOf({ enum: allEventTypes }),
    sign_in_methods_after: listOf({ enum: signInMethods }),
    warnings: listOf({ enum: updateWarnings }),
  });
}
