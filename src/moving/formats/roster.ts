import type { ImportFormat } from '../source/import-format.ts';
import { listOf, objectOf, passwordOf, textOf } from '../source/values.ts';

/**
 * What Roster's own export has written: all of a user comes along as it was, ids, times and version included. The first line, which
 * names the format, and the last, with the counts, are of no user.
 */
export const roster: ImportFormat = {
  recognises: ({ values }) => values.format === 'roster-users',
  convert({ values }) {
    if (values.id === undefined) return isFrame(values) ? frame : notOfRoster;
    const { userVersion, identities, password, ...user } = values;
    const { hash, type, saltPosition, ...times } = objectOf(password);
    return {
      ...user,
      email: user.email,
      metadata: objectOf(user.metadata),
      version: userVersion,
      identities: listOf(identities).map((identity) => ({
        ...identity,
        provider: identity.provider,
        idpId: identity.idpId,
      })),
      password: passwordOf(hash, {
        ...times,
        algorithm: `roster:${textOf(type)}`,
        parameters: saltPosition ? { saltPosition } : {},
      }),
    };
  },
};

function isFrame(values: object): boolean {
  return 'format' in values || 'sha256' in values;
}

const frame = { refused: { code: 'no_user', message: '' } };
const notOfRoster = { refused: { code: 'invalid_record', message: 'This is no user of an export of Roster.' } };
