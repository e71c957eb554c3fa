import { queryFromInfo } from '@pothos/plugin-prisma';
import { type BulkErrorPolicy, maxItems, updateUsers } from '../../users/update-many.ts';
import type { ItemError, ItemResult } from '../../users/update-together.ts';
import { perform } from '../context.ts';
import { presentIssue } from '../presented-issue.ts';
import { builder } from './builder.ts';
import { selectedFields } from './selected-fields.ts';
import { User } from './user.ts';
import { UpdateUserInput } from './user-input.ts';

const BulkErrorPolicyEnum = builder.enumType('BulkErrorPolicy', {
  description: 'What becomes of the other updates when one is refused.',
  values: {
    CONTINUE: { value: 'continue' as BulkErrorPolicy, description: 'They are made.' },
    ROLLBACK: { value: 'rollback' as BulkErrorPolicy, description: 'None is made: all or nothing.' },
  },
});

const UpdateUsersItem = builder.inputType('UpdateUsersItem', {
  description: 'One of many updates. Exactly one of `id`, `externalId` and `email` says whom it is about.',
  fields: (t) => ({
    id: t.id({ description: 'The id of the user.' }),
    externalId: t.string({ description: 'Your own id of the user.' }),
    email: t.field({ type: 'EmailAddress', description: 'The address of the user before the update.' }),
    input: t.field({ type: UpdateUserInput, required: true, description: 'What to change, as for `updateUser`.' }),
    expectedVersion: t.int({ description: 'As for `updateUser`; of this user alone.' }),
  }),
});

/** GraphQL would throw an error that a resolver answers. */
const plain = ({ code, message, details }: ItemError) => ({ code, message, details });

const UpdateUsersError = builder.objectRef<ReturnType<typeof plain>>('UpdateUsersError').implement({
  description: 'Why an update of the list was refused.',
  fields: (t) => ({
    code: t.string({
      description: 'The code, as `updateUser` would have it.',
      resolve: ({ code }) => code.toUpperCase(),
    }),
    field: t.string({
      nullable: true,
      description: 'The field of the input to blame.',
      resolve: ({ details }) => details.field ?? null,
    }),
    message: t.string({ description: 'The same in words.', resolve: ({ message }) => message }),
    issues: t.field({
      type: ['JSONObject'],
      description: 'All problems, each with `field`, `code` and `message`, where there are several; else none.',
      resolve: ({ details: { issues = [] } }) => issues.map(presentIssue),
    }),
  }),
});

type Result = ItemResult & { readonly index: number };

const UpdateUsersResult = builder.objectRef<Result>('UpdateUsersResult').implement({
  description: 'What became of one update of the list.',
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'Its place in the list, from 0.' }),
    user: t.field({
      type: User,
      nullable: true,
      description: 'The user as they are afterwards; null where it was refused.',
      resolve: (result) => ('user' in result ? result.user : null),
    }),
    error: t.field({
      type: UpdateUsersError,
      nullable: true,
      description: 'Why it was refused; null where it was not.',
      resolve: (result) => ('error' in result ? plain(result.error) : null),
    }),
  }),
});

const UpdateUsersPayload = builder.objectRef<readonly ItemResult[]>('UpdateUsersPayload').implement({
  description: 'What became of many updates.',
  fields: (t) => ({
    results: t.field({
      type: [UpdateUsersResult],
      description: 'One for each update, in the order of the list.',
      resolve: (results) => results.map((result, index) => ({ index, ...result })),
    }),
    updated: t.int({
      description: 'How many users have changed.',
      resolve: (results) => results.filter((result) => 'user' in result && result.isChanged).length,
    }),
    unchanged: t.int({
      description: 'How many equalled what was asked for already.',
      resolve: (results) => results.filter((result) => 'user' in result && !result.isChanged).length,
    }),
    failed: t.int({
      description: 'How many updates were not made.',
      resolve: (results) => results.filter((result) => 'error' in result).length,
    }),
  }),
});

builder.mutationField('updateUsers', (t) =>
  t.field({
    type: UpdateUsersPayload,
    description: `Changes up to ${maxItems} users, each by the rules of \`updateUser\`. With \`CONTINUE\` a refused update harms no other; with \`ROLLBACK\` all are made in one transaction, or none, and those that are not to blame get \`NOT_APPLIED\`. A user twice is refused before anything is done, with \`DUPLICATE_ITEM\`; at most ten updates may set a password. Takes an API key.`,
    args: {
      updates: t.arg({ type: [UpdateUsersItem], required: true, description: `The updates, 1 to ${maxItems}.` }),
      onError: t.arg({
        type: BulkErrorPolicyEnum,
        required: true,
        defaultValue: 'continue',
        description: 'What becomes of the others when one is refused.',
      }),
    },
    resolve: (_root, { updates, onError }, context, info) => {
      const withIdentities = selectedFields(info).ofUser.has('identities');
      if (withIdentities) queryFromInfo({ context, info, typeName: 'User', path: ['results', 'user'] });
      return perform(context, (app, principal) => updateUsers(app, principal, updates, { onError, withIdentities }));
    },
  }),
);
