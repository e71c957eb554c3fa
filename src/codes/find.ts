import type { OneTimeCode } from '../db/database.ts';
import { lookupKey } from '../input/ids.ts';
import type { CodesApp } from './codes-app.ts';
import type { Made } from './create.ts';
import { type CodeSet, isLive, whereLive } from './live.ts';
import type { CodePurpose } from './purposes.ts';

/** A code or a token that can still be used, with its text, for a backend that sends the mail itself; else null. Uses nothing. */
export async function findShown(app: CodesApp, purpose: CodePurpose, id: string): Promise<Made | null> {
  const row = await app.db.reader.oneTimeCode.findUnique({ where: { id: lookupKey(id) } });
  if (row?.purpose !== purpose || row.sealed === null || !isLive(row, app.now())) return null;
  return { row, secret: app.secrets.openSecret('codes', row.id, row.sealed).toString() };
}

/** The newest code of a set that can still be used, or null. */
export function findNewestLive(app: CodesApp, set: CodeSet): Promise<OneTimeCode | null> {
  return app.db.reader.oneTimeCode.findFirst({ where: { ...set, ...whereLive(app.now()) }, orderBy: { id: 'desc' } });
}
