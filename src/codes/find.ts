import { lookupKey } from '../input/ids.ts';
import type { CodesApp } from './codes-app.ts';
import type { Made } from './create.ts';
import { isLive } from './live.ts';
import type { CodePurpose } from './purposes.ts';

/** A code or a token that can still be used, with its text, for a backend that sends the mail itself; else null. Uses nothing. */
export async function findShown(app: CodesApp, purpose: CodePurpose, id: string): Promise<Made | null> {
  const row = await app.db.reader.oneTimeCode.findUnique({ where: { id: lookupKey(id) } });
  if (row?.purpose !== purpose || row.sealed === null || !isLive(row, app.now())) return null;
  return { row, secret: app.secrets.openSecret('codes', row.id, row.sealed).toString() };
}
