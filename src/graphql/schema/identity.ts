import { linkIdentity, unlinkIdentity } from '../../users/identities.ts';
import type { Provider } from '../../users/providers.ts';
import { perform } from '../context.ts';
import { builder } from './builder.ts';
import { IdentityProvider } from './enums.ts';
import { expectedVersionArg } from './expected-version.ts';

export const Identity = builder.prismaObject('Identity', {
  fields: (t) => ({
    id: t.exposeID('id'),
    idpId: t.exposeString('idpId'),
    type: t.string({ description: 'The kind of identity: always `OAuth`.', resolve: () => 'OAuth' }),
    provider: t.field({
      type: IdentityProvider,
      description: 'The provider.',
      resolve: (identity) => identity.provider as Provider,
    }),
    email: t.expose('email', { type: 'EmailAddress', nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
  }),
});

const LinkIdentityInput = builder.inputType('LinkIdentityInput', {
  description: 'An account at a provider that a user signs in with.',
  fields: (t) => ({
    provider: t.field({ type: IdentityProvider, required: true, description: 'The provider.' }),
    idpId: t.string({ required: true, description: "The provider's own id of the account: 1 to 255 characters." }),
    email: t.field({
      type: 'EmailAddress',
      description:
        'The address that the provider gave. An identity without one matches no address: a change of email unlinks it.',
    }),
  }),
});

builder.mutationField('linkIdentity', (t) =>
  t.prismaField({
    type: Identity,
    description:
      'Links an identity to a user. Linking the same one again answers the one that is there. One that belongs to another user is refused with `IDENTITY_ALREADY_LINKED`, the 51st of one user with `IDENTITY_LIMIT_EXCEEDED`. Where it has the address of the user, and nobody has verified that, somebody else may have registered it before: the password, unless it was imported, the sessions and the identities of other addresses go. Takes the scope `users:write`, and while `AUTH_ISSUER` is set `users:credentials`, too.',
    args: {
      userId: t.arg.id({ required: true, description: 'The user.' }),
      input: t.arg({ type: LinkIdentityInput, required: true, description: 'The identity.' }),
      expectedVersion: t.arg.int(expectedVersionArg),
      keepCredentials: t.arg.boolean({
        description:
          'Where the identity has the address of the user, and that is not verified: `true` keeps the password, the sessions and the other identities. Say it when you know that they are the same person.',
      }),
    },
    resolve: (_query, _root, { userId, input, expectedVersion, keepCredentials }, context) =>
      perform(context, (app, principal) =>
        linkIdentity(app, principal, userId, input, { expectedVersion, keepCredentials }),
      ),
  }),
);

builder.mutationField('unlinkIdentity', (t) =>
  t.prismaField({
    type: Identity,
    description: 'Unlinks an identity from its user; answers it as it last was.',
    args: {
      id: t.arg.id({ required: true, description: 'The id of the identity.' }),
      expectedVersion: t.arg.int(expectedVersionArg),
    },
    resolve: (_query, _root, { id, expectedVersion }, context) =>
      perform(context, (app, principal) => unlinkIdentity(app, principal, id, { expectedVersion })),
  }),
);
