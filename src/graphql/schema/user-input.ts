import { builder } from './builder.ts';
import { PasswordHashType, PasswordSaltPosition } from './enums.ts';
import { plainFields, plainNames } from './user.ts';

const updateRule = 'Omitted: stays. `null`: cleared.';
const createRule = 'Omitted or `null`: none.';

type InputBuilder = Parameters<NonNullable<Parameters<typeof builder.inputType>[1]['fields']>>[0];

function plainInputs(t: InputBuilder, rule: string) {
  const inputs = plainNames.map((name) => {
    const { type, input } = plainFields[name];
    return [name, t.field({ type, description: `${input} ${rule}` })] as const;
  });
  return Object.fromEntries(inputs) as Record<(typeof plainNames)[number], (typeof inputs)[number][1]>;
}

function credentialFields(t: InputBuilder) {
  return {
    password: t.string({
      description:
        'A new password, in plain text: 10 to 256 characters and hard to guess. Stored as argon2id. Not together with a password hash. An API key needs the scope `users:credentials` for it.',
    }),
    passwordHash: t.string({
      description:
        'A password hash brought along from elsewhere, with its `passwordHashType`. Not together with `password`. Takes the scope `users:credentials`.',
    }),
    passwordHashType: t.field({
      type: PasswordHashType,
      description: 'The algorithm of `passwordHash`. Both or neither.',
    }),
    passwordSaltPosition: t.field({
      type: PasswordSaltPosition,
      description: 'Where the salt stands in an SSHA256 hash; `SUFFIX` when omitted. Only with `passwordHash`.',
    }),
  };
}

export const UpdateUserInput = builder.inputType('UpdateUserInput', {
  description:
    'What to change. Omitted fields stay as they are; `null` clears a field that can be empty and is refused by one that cannot.',
  fields: (t) => ({
    email: t.field({
      type: 'EmailAddress',
      description:
        'A new address. When it differs by more than case and surrounding spaces, `emailVerified` becomes false and the identities with another address or none are unlinked. Omitted: stays. `null`: refused.',
    }),
    emailVerified: t.boolean({
      description:
        'True marks the address as verified. False is refused for an address that is verified and does not change. Omitted: stays, unless the email changes. `null`: refused.',
    }),
    ...plainInputs(t, updateRule),
    metadata: t.field({
      type: 'Metadata',
      description:
        'Merged into what is stored, key by key: a string sets a key, `null` deletes it, a key left out stays. `{}` or `null` deletes everything. At most 50 pairs after the merge.',
    }),
    ...credentialFields(t),
    currentPassword: t.string({
      description:
        'The password as it is before the update. With an access token, a new `password` needs it; a wrong one is refused with `INVALID_CREDENTIALS`. With an API key it is checked where it is given.',
    }),
  }),
});

export const CreateUserInput = builder.inputType('CreateUserInput', {
  description: 'A new user.',
  fields: (t) => ({
    email: t.field({ type: 'EmailAddress', required: true, description: 'The address, unique among all users.' }),
    emailVerified: t.boolean({ description: 'Whether the address is known to be theirs. Omitted or `null`: false.' }),
    ...plainInputs(t, createRule),
    metadata: t.field({ type: 'Metadata', description: 'Your own notes. Omitted, `null` or `{}`: none.' }),
    ...credentialFields(t),
  }),
});
