import { whereActive } from '../../sessions/find.ts';
import { findUser } from '../../users/find.ts';
import { builder } from './builder.ts';

/** The fields that are read and written as they are, with what the inputs say of them. A new plain field is one line here. */
export const plainFields = {
  firstName: { type: 'String', input: 'The given name, at most 255 characters.' },
  lastName: { type: 'String', input: 'The family name, at most 255 characters.' },
  name: { type: 'String', input: 'The full name, at most 255 characters. Never derived from the other two.' },
  externalId: {
    type: 'String',
    input:
      'Your own id of the user: 1 to 128 ASCII characters, unique. While `AUTH_ISSUER` is set, users sign in by it, so it takes the scope `users:credentials`.',
  },
  locale: { type: 'Locale', input: 'The preferred language, such as `en-US`.' },
} as const;

export const plainNames = Object.keys(plainFields) as (keyof typeof plainFields)[];

export const User = builder.prismaObject('User', {
  fields: (t) => ({
    id: t.exposeID('id'),
    email: t.expose('email', { type: 'EmailAddress' }),
    emailVerified: t.exposeBoolean('emailVerified'),
    ...Object.fromEntries(
      plainNames.map((name) => [name, t.expose(name, { type: plainFields[name].type, nullable: true })]),
    ),
    profilePictureUrl: t.expose('profilePictureUrl', { type: 'URL', nullable: true }),
    metadata: t.expose('metadata', { type: 'Metadata' }),
    managed: t.exposeBoolean('managed'),
    lastSignInAt: t.expose('lastSignInAt', { type: 'DateTime', nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
    version: t.exposeInt('version'),
    identities: t.relation('identities', { query: { orderBy: { id: 'asc' } } }),
    sessions: t.relation('sessions', {
      query: (_args, { app }) => ({ where: whereActive(app.now()), orderBy: { id: 'desc' } }),
    }),
  }),
});

builder.queryFields((t) => ({
  viewer: t.prismaField({
    type: User,
    nullable: true,
    description: 'The user whose access token this is. Null with an API key, which belongs to nobody.',
    resolve: (query, _root, _args, { app, principal }) =>
      principal.kind === 'user' ? findUser(app, { id: principal.userId }, query) : null,
  }),
  user: t.prismaField({
    type: User,
    nullable: true,
    description: 'The user with this id, or null.',
    args: { id: t.arg.id({ required: true, description: 'The id, such as `user_01E4ZCR3C56J083X43JQXF3JK5`.' }) },
    resolve: (query, _root, { id }, { app }) => findUser(app, { id }, query),
  }),
  userByEmail: t.prismaField({
    type: User,
    nullable: true,
    description: 'The user with this address, or null. Case and surrounding spaces do not matter.',
    args: { email: t.arg({ type: 'EmailAddress', required: true, description: 'The address.' }) },
    resolve: (query, _root, { email }, { app }) => findUser(app, { email }, query),
  }),
  userByExternalId: t.prismaField({
    type: User,
    nullable: true,
    description: 'The user with this external id, or null. Case matters.',
    args: { externalId: t.arg.string({ required: true, description: 'Your own id of the user.' }) },
    resolve: (query, _root, { externalId }, { app }) => findUser(app, { externalId }, query),
  }),
}));
