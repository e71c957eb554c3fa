import { JSONResolver } from 'graphql-scalars';
import type { PendingChange } from '../../users/email-change.ts';
import { previewUpdateUser, type UserUpdatePreview } from '../../users/preview-update.ts';
import type { FieldChange, SignInMethod, UpdateProblem, UpdateWarning } from '../../users/update-outcome.ts';
import { builder } from './builder.ts';
import { EventType } from './event.ts';
import { Identity } from './identity.ts';
import { Session } from './session.ts';
import { UpdateUserInput } from './user-input.ts';

builder.addScalarType('JSON', JSONResolver);

/** GraphQL's names are in upper case; the domain's are not. */
function enumOf<Value extends string>(described: Readonly<Record<Value, string>>) {
  const values = Object.entries<string>(described).map(([value, description]) => [
    value.toUpperCase(),
    { value, description },
  ]);
  return Object.fromEntries(values) as Record<string, { value: Value; description: string }>;
}

const SignInMethodEnum = builder.enumType('SignInMethod', {
  description: 'A way to sign in.',
  values: enumOf<SignInMethod>({
    password: 'By the password.',
    identity: 'By an account at a provider.',
    email_code: 'By a code that is mailed to the address.',
  }),
});

const UpdateWarningEnum = builder.enumType('UpdateWarning', {
  description: 'Something that may not have been meant.',
  values: enumOf<UpdateWarning>({
    no_way_to_sign_in: 'The user has no password and no identity, and no code is mailed to them.',
    metadata_cleared: 'All metadata goes.',
    email_becomes_unverified: 'The address is not verified any more.',
    current_password_not_checked:
      'The preview compares no password: whether `currentPassword` is right, the update says.',
  }),
});

const UserUpdateProblem = builder.objectRef<UpdateProblem>('UserUpdateProblem').implement({
  description: 'Why the update would be refused.',
  fields: (t) => ({
    field: t.string({
      nullable: true,
      description: 'The field of the input to blame, if one is.',
      resolve: ({ field }) => field,
    }),
    code: t.string({
      description: 'The code that the update would be refused with.',
      resolve: ({ code }) => code.toUpperCase(),
    }),
    message: t.string({ description: 'The same in words.', resolve: ({ message }) => message }),
    isLookUp: t.boolean({
      description:
        'Another user has the value at this moment. Until the update they may give it back, or somebody may take another one.',
      resolve: ({ isLookUp }) => isLookUp,
    }),
  }),
});

const UserFieldChange = builder.objectRef<FieldChange>('UserFieldChange').implement({
  description: 'A field of the user that would have another value. Of a password neither value is shown.',
  fields: (t) => ({
    field: t.exposeString('field', { description: 'The name of the field.' }),
    before: t.expose('before', { type: 'JSON', nullable: true, description: 'Its value now.' }),
    after: t.expose('after', {
      type: 'JSON',
      nullable: true,
      description: 'Its value afterwards.',
    }),
  }),
});

const EndedSessions = builder.objectRef<UserUpdatePreview['endedSessions']>('EndedSessionsPreview').implement({
  description: 'The sessions that would end.',
  fields: (t) => ({
    count: t.exposeInt('count', { description: 'How many.' }),
    sessions: t.expose('sessions', {
      type: [Session],
      description: 'The newest twenty of them.',
    }),
  }),
});

const InvalidatedCodes = builder
  .objectRef<UserUpdatePreview['invalidatedCodes'][number]>('InvalidatedCodes')
  .implement({
    description: 'Codes and tokens of one purpose that could be used now.',
    fields: (t) => ({
      purpose: t.exposeString('purpose', {
        description: 'What for, such as `email_verification` or `password_reset`.',
      }),
      count: t.exposeInt('count', { description: 'How many.' }),
    }),
  });

const PendingEmailChange = builder.objectRef<PendingChange>('PendingEmailChange').implement({
  description: 'A change of the address that waits for its code.',
  fields: (t) => ({
    newEmail: t.expose('newEmail', { type: 'EmailAddress', description: 'The address to change to.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was asked for.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When its code is of no use any more.' }),
  }),
});

const Preview = builder.objectRef<UserUpdatePreview>('UserUpdatePreview').implement({
  description: 'What an update would do. Where there are problems, it would be refused and do nothing.',
  fields: (t) => ({
    version: t.int({ description: 'The `version` of the user as they are.', resolve: ({ user }) => user.version }),
    problems: t.expose('problems', {
      type: [UserUpdateProblem],
      description: 'Everything that is wrong with it.',
    }),
    wouldChange: t.expose('wouldChange', {
      type: [UserFieldChange],
      description: 'The fields with another value; none where all equal what is stored.',
    }),
    unlinkedIdentities: t.expose('unlinkedIdentities', {
      type: [Identity],
      description: 'The identities that would go, because they do not match the new address.',
    }),
    endedSessions: t.expose('endedSessions', {
      type: EndedSessions,
      description: 'The sessions that would end.',
    }),
    invalidatedCodes: t.expose('invalidatedCodes', {
      type: [InvalidatedCodes],
      description: 'The codes and tokens that would be of no use any more.',
    }),
    cancelledEmailChange: t.expose('cancelledEmailChange', {
      type: PendingEmailChange,
      nullable: true,
      description: 'The pending change of the address that would come to nothing.',
    }),
    events: t.expose('events', {
      type: [EventType],
      description: 'The types of the events that would be recorded, each once.',
    }),
    signInMethodsAfter: t.expose('signInMethodsAfter', {
      type: [SignInMethodEnum],
      description: 'How the user could sign in afterwards.',
    }),
    warnings: t.expose('warnings', {
      type: [UpdateWarningEnum],
      description: 'What may not have been meant.',
    }),
  }),
});

builder.queryField('previewUpdateUser', (t) =>
  t.field({
    type: Preview,
    description:
      'What `updateUser` would do with this input at this moment, and everything that is wrong with it. Writes nothing and hashes no password. Whoever may update the user may ask, and with an API key takes `users:read`, too. An unknown id gets `ENTITY_NOT_FOUND`. Sent by POST alone.',
    args: {
      id: t.arg.id({ description: 'The id of the user.', required: true }),
      input: t.arg({ type: UpdateUserInput, required: true, description: 'What would be changed.' }),
      expectedVersion: t.arg.int({
        description: 'As for `updateUser`; when the stored one is another, that is one of the problems.',
      }),
    },
    resolve: (_root, { id, input, expectedVersion }, { app, principal }) =>
      previewUpdateUser(app, principal, id, input, { expectedVersion }),
  }),
);
