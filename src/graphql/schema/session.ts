import { statusOf } from '../../sessions/find.ts';
import { revokeAllSessions, revokeSession } from '../../sessions/revoke.ts';
import { perform } from '../context.ts';
import { builder } from './builder.ts';

const SessionStatus = builder.enumType('SessionStatus', {
  description: 'Whether a session can be gone on with.',
  values: {
    ACTIVE: { value: 'active', description: 'The user is signed in.' },
    EXPIRED: { value: 'expired', description: 'It came to its `expiresAt`.' },
    REVOKED: { value: 'revoked', description: 'It was ended, or a refresh token of it came twice.' },
  } as const,
});

export const Session = builder.prismaObject('Session', {
  fields: (t) => ({
    id: t.exposeID('id'),
    authMethod: t.exposeString('authMethod'),
    ipAddress: t.exposeString('ipAddress', { nullable: true }),
    userAgent: t.exposeString('userAgent', { nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true }),
    status: t.field({
      type: SessionStatus,
      description: 'What the session is at this moment.',
      resolve: (session, _args, { app }) => statusOf(session, app.now()),
    }),
  }),
});

builder.mutationFields((t) => ({
  revokeSession: t.prismaField({
    type: Session,
    description:
      'Ends a session: its refresh token is dead, and Roster refuses its access token at once. Services that only check signatures accept that one until it expires, for five minutes at most. A session that has ended already is answered as it is. With an access token instead of an API key: only your own sessions.',
    args: { id: t.arg.id({ required: true, description: 'The id of the session, the `sid` of its access tokens.' }) },
    resolve: (_query, _root, { id }, context) =>
      perform(context, (app, principal) => revokeSession(app, principal, id)),
  }),
  revokeAllSessions: t.prismaField({
    type: [Session],
    description:
      'Ends every active session of a user, as after a stolen device; answers the ones that it ended, newest first. The user can sign in again.',
    args: { userId: t.arg.id({ required: true, description: 'The user.' }) },
    resolve: (_query, _root, { userId }, context) =>
      perform(context, (app, principal) => revokeAllSessions(app, principal, userId)),
  }),
}));
