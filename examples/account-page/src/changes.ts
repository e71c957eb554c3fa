import type { UpdateUserInput } from './generated/graphql.ts';

export const profileFields = ['firstName', 'lastName', 'name', 'locale'] as const;

type Field = (typeof profileFields)[number];

/** As Roster has it: null where there is none. */
export type Profile = Readonly<Record<Field, string | null>>;

/** As the form has it: text. */
export type Draft = Readonly<Record<Field, string>>;

export function toDraft({ firstName, lastName, name, locale }: Profile): Draft {
  return { firstName: firstName ?? '', lastName: lastName ?? '', name: name ?? '', locale: locale ?? '' };
}

/**
 * What the user changed, and nothing else. In an input of Roster "omitted" and `null` are two different things:
 *
 * - An unchanged field is omitted, which leaves it as it is. Sent back as it was read, it would undo what somebody else
 *   (another tab, a backend) has written meanwhile.
 * - An emptied field is sent as `null`, which clears it. Omitted, it would stay. Sent as `""`, a name would be kept as an
 *   empty text, which is not the same as none, and a locale would be refused as malformed.
 *
 * So the keys of unchanged fields must be missing, not null. `undefined` would do too: JSON has no such value, and
 * leaves the key out.
 */
export function findChanges(saved: Profile, draft: Draft): UpdateUserInput {
  const shown = toDraft(saved);
  const input: UpdateUserInput = {};
  for (const field of profileFields) {
    if (draft[field] !== shown[field]) input[field] = draft[field].trim() || null;
  }
  return input;
}
