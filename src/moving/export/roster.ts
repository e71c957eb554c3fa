import type { ExportFormat } from './export-format.ts';

/** What the first line says: whoever reads the file knows by it what the others are. */
const rosterFormat = { format: 'roster-users', version: 1 } as const;

/** Roster's own format: JSON lines, with all that there is to know of a user. */
export const roster: ExportFormat = {
  head: (exportedAt) => line({ ...rosterFormat, exportedAt }),
  user: ({ user, identities, password }) =>
    line({ ...user, version: undefined, userVersion: user.version, identities, password: password ?? undefined }),
  tail: ({ users, identities, passwords }, sha256) => line({ users, identities, passwords, sha256 }),
  carries: () => true,
};

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
