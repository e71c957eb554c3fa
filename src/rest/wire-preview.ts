import { allEventTypes } from '../events/event-types.ts';
import type { ApiKeyPrincipal } from '../principal/principal.ts';
import { mayRead } from '../users/access.ts';
import type { UserUpdatePreview } from '../users/preview-update.ts';
import { toKey } from './body-input.ts';
import { presentIssue } from './error-responses.ts';
import { type JsonSchema, presentSession } from './wire.ts';

/** What an update would do, as REST shows it. Sessions are shown to keys that may read them; their number to all. */
export function presentPreview(preview: UserUpdatePreview, key: ApiKeyPrincipal, now: Date): Record<string, unknown> {
  const { user, problems, wouldChange, unlinkedIdentities, endedSessions, cancelledEmailChange } = preview;
  return {
    object: 'user_update_preview',
    user_id: user.id,
    version: user.version,
    problems: problems.map(presentIssue),
    would_change: wouldChange.map(({ field, before, after }) => ({ field: toKey(field), before, after })),
    unlinked_identities: unlinkedIdentities.map(({ idpId, provider }) => ({ idp_id: idpId, type: 'OAuth', provider })),
    ended_sessions: {
      count: endedSessions.count,
      sessions: mayRead(key, 'sessions') ? endedSessions.sessions.map((session) => presentSession(session, now)) : [],
    },
    invalidated_codes: preview.invalidatedCodes,
    cancelled_email_change: cancelledEmailChange && {
      new_email: cancelledEmailChange.email,
      expires_at: cancelledEmailChange.expiresAt.toISOString(),
      created_at: cancelledEmailChange.createdAt.toISOString(),
    },
    events: preview.events,
    sign_in_methods_after: preview.signInMethodsAfter,
    warnings: preview.warnings,
  };
}

const string = { type: 'string' };
const count = { type: 'integer', minimum: 0 };
const moment = { type: 'string', format: 'date-time' };
const listOf = (items: JsonSchema) => ({ type: 'array', items });
const objectOf = (properties: Record<string, JsonSchema>, optional: readonly string[] = []) => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((key) => !optional.includes(key)),
});

/** The schema of that answer; the schemas of what others show, too, are given. */
export function previewSchema({ identity, session }: Record<'identity' | 'session', JsonSchema>): JsonSchema {
  const problem = { code: string, message: string, field: string, is_look_up: { type: 'boolean' } };
  return objectOf({
    object: { const: 'user_update_preview' },
    user_id: string,
    version: count,
    problems: {
      ...listOf(objectOf(problem, ['field'])),
      description: 'Why it would be refused. Then nothing would change.',
    },
    would_change: listOf(objectOf({ field: string, before: {}, after: {} })),
    unlinked_identities: listOf(identity),
    ended_sessions: objectOf({
      count,
      sessions: { ...listOf(session), description: 'The newest twenty; with the scope `sessions:read`.' },
    }),
    invalidated_codes: listOf(objectOf({ purpose: string, count })),
    cancelled_email_change: {
      oneOf: [{ type: 'null' }, objectOf({ new_email: string, expires_at: moment, created_at: moment })],
    },
    events: listOf({ enum: allEventTypes }),
    sign_in_methods_after: listOf({ enum: ['password', 'identity', 'email_code'] }),
    warnings: listOf({
      enum: ['no_way_to_sign_in', 'metadata_cleared', 'email_becomes_unverified', 'current_password_not_checked'],
    }),
  });
}
