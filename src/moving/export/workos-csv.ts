import type { ExportFormat } from './export-format.ts';
import { isPublicHashType } from './public-hashes.ts';

/** The columns of `workos-migrations`, WorkOS's own importer. Roster has no organisations: theirs stay empty. */
const columns = [
  'email',
  'password',
  'password_hash',
  'password_hash_type',
  'first_name',
  'last_name',
  'email_verified',
  'external_id',
  'metadata',
  'org_id',
  'org_external_id',
  'org_name',
  'role_slugs',
];

/** A file that WorkOS's importer reads. */
export const workosCsv: ExportFormat = {
  head: () => `${columns.join(',')}\n`,
  user: ({ user, password }) => {
    const values: Record<string, unknown> = {
      email: user.email,
      password_hash: password?.hash,
      password_hash_type: password?.type,
      first_name: user.firstName,
      last_name: user.lastName,
      email_verified: user.emailVerified,
      external_id: user.externalId,
      metadata: Object.keys(user.metadata as object).length > 0 ? JSON.stringify(user.metadata) : null,
    };
    return `${columns.map((column) => cell(values[column])).join(',')}\n`;
  },
  tail: () => '',
  // The file has no column for where the salt stands; WorkOS takes it to stand behind.
  carries: ({ type, saltPosition }) => isPublicHashType(type) && saltPosition !== 'prefix',
};

/** RFC 4180. */
function cell(value: unknown): string {
  const text = String(value ?? '');
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
