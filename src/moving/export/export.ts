import { createHash } from 'node:crypto';
import type { Database, WholeUser } from '../../db/database.ts';
import { auth0 } from './auth0.ts';
import type { ExportCounts, ExportFormat } from './export-format.ts';
import { roster } from './roster.ts';
import { workosCsv } from './workos-csv.ts';

const exportFormats = { roster, 'workos-csv': workosCsv, auth0 } as const;

export type ExportName = keyof typeof exportFormats;

export const exportNames = Object.keys(exportFormats) as ExportName[];

export interface ExportOptions {
  readonly format: ExportName;
  /** Leaves hashes out. */
  readonly withoutPasswords: boolean;
  readonly exportedAt: Date;
}

/** The text of an export, in pieces of a page of users each; `counts` are those of what was answered so far. */
export async function* exportUsers(
  db: Pick<Database, 'readWholeUsers'>,
  { format, withoutPasswords, exportedAt }: ExportOptions,
  counts: ExportCounts,
): AsyncGenerator<string> {
  const written: ExportFormat = exportFormats[format];
  const hash = createHash('sha256');
  yield written.head(exportedAt);
  for await (const page of db.readWholeUsers()) {
    let text = '';
    for (const found of page) {
      const user = carried(found, written, withoutPasswords, counts);
      text += written.user(user, counts.users === 0);
      counts.users += 1;
      counts.identities += user.identities.length;
      counts.passwords += user.password ? 1 : 0;
    }
    hash.update(text);
    yield text;
  }
  yield written.tail(counts, hash.digest('hex'));
}

function carried(user: WholeUser, format: ExportFormat, withoutPasswords: boolean, counts: ExportCounts): WholeUser {
  if (user.password === null) return user;
  if (!withoutPasswords && format.carries(user.password)) return user;
  if (!withoutPasswords) counts.leftPasswords += 1;
  return { ...user, password: null };
}
