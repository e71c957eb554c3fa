import { builder } from './builder.ts';
import { IdentityProvider } from './enums.ts';

export const UserFilter = builder.inputType('UserFilter', {
  description:
    'Which users to list. All conditions must hold. An omitted one does not count; `null` is refused, or a value that is missing by mistake would list everybody. Each goes with one order, in which an index finds its users: what is refused says which. `createdFrom` and `createdBefore` go together with `emailVerified`, `managed`, `provider` or `neverSignedIn`.',
  fields: (t) => ({
    email: t.field({ type: 'EmailAddress', description: 'The user with this address; case does not matter.' }),
    externalId: t.string({ description: 'The user with this id of your own.' }),
    emailVerified: t.boolean({ description: 'Only users whose address is verified, or only those whose is not.' }),
    managed: t.boolean({
      description: 'Only users whom an identity provider manages, or only those whom none does.',
    }),
    provider: t.field({ type: IdentityProvider, description: 'Only users with an identity of this provider.' }),
    neverSignedIn: t.boolean({ description: '`true`: only users who have never signed in.' }),
    createdFrom: t.field({ type: 'DateTime', description: 'Created at this moment or later.' }),
    createdBefore: t.field({ type: 'DateTime', description: 'Created before this moment.' }),
    lastSignInBefore: t.field({
      type: 'DateTime',
      description:
        'Only users who have signed in, and not since this moment. Longest ago first when no order is given.',
    }),
    emailStartsWith: t.string({
      description:
        'Only users whose address begins with this, in the order of the addresses. Case does not matter. Domains begin as their A-label does, such as `xn--`.',
    }),
    updatedSince: t.field({
      type: 'DateTime',
      description:
        'Only users who were created or changed at this moment or later, in the order of their latest change, each once: for a copy that is kept up to date. The last `endCursor` is where to go on the next time: nobody is missed. It goes as far back as events are kept (`EVENTS_RETENTION_DAYS`). Sign-ins are no change, and users who were deleted are told of by events alone.',
    }),
  }),
});

export const UserOrder = builder.enumType('UserOrder', {
  description: 'The order of a list of users.',
  values: {
    CREATED_AT_ASC: { value: 'CREATED_AT_ASC', description: 'Oldest first.' },
    CREATED_AT_DESC: { value: 'CREATED_AT_DESC', description: 'Newest first.' },
    LAST_SIGN_IN_AT_ASC: {
      value: 'LAST_SIGN_IN_AT_ASC',
      description: 'Who has never signed in comes first, then who has not for longest.',
    },
    LAST_SIGN_IN_AT_DESC: {
      value: 'LAST_SIGN_IN_AT_DESC',
      description: 'Who signed in last comes first. Who never has comes last.',
    },
    EMAIL_ASC: { value: 'EMAIL_ASC', description: 'By address, in lower case, character by character.' },
    EMAIL_DESC: { value: 'EMAIL_DESC', description: 'By address, backwards.' },
    UPDATED_AT_ASC: {
      value: 'UPDATED_AT_ASC',
      description: 'By their latest change. With `updatedSince` alone.',
    },
    UPDATED_AT_DESC: {
      value: 'UPDATED_AT_DESC',
      description: 'By their latest change, the latest first. With `updatedSince` alone.',
    },
  } as const,
});
