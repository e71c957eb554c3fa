import { OperatorError } from '../../errors.ts';
import { plainNames } from '../../users/fields.ts';
import type { SourceUser, Values } from '../source/import-format.ts';
import { flagOf, passwordOf, textOf, valueAt } from '../source/values.ts';

/** Which field of a user is read from which place of a record. */
export type FieldMap = readonly { readonly field: string; readonly path: string }[];

const times = ['createdAt', 'lastSignInAt'];
const fields = ['email', 'emailVerified', ...plainNames, 'profilePictureUrl', ...times, 'passwordHash'];

/** Reads `email=traits.email` and the like; throws OperatorError. */
export function parseFieldMap(texts: readonly string[]): FieldMap {
  return texts.map((text) => {
    const [, field = '', path = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    if (path !== '' && (fields.includes(field) || /^metadata\../.test(field))) return { field, path };
    throw new OperatorError(
      `--map ${text}: expected FIELD=PATH, such as email=traits.email. The fields are ${fields.join(', ')} and metadata.KEY.`,
    );
  });
}

/** The user with what the map says in the place of what the format says. */
export function mapped(user: SourceUser, values: Values, map: FieldMap): SourceUser {
  const changed: Record<string, unknown> = { ...user };
  for (const { field, path } of map) {
    const value = valueAt(values, path);
    const [, key] = /^metadata\.(.+)$/.exec(field) ?? [];
    if (key !== undefined) changed.metadata = { ...(changed.metadata as object | undefined), [key]: value };
    else if (field === 'passwordHash') changed.password = passwordOf(value);
    else if (field === 'emailVerified') changed.emailVerified = flagOf(value);
    else changed[field] = field === 'externalId' ? textOf(value) : value;
  }
  return changed as unknown as SourceUser;
}
