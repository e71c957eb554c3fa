import type { Database, OneTimeCode } from '../db/database.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { digestOfCode } from './create.ts';
import { purposes, type TypedPurpose } from './purposes.ts';

const typed = (Object.keys(purposes) as (keyof typeof purposes)[]).filter(
  (purpose): purpose is TypedPurpose => purposes[purpose].form === 'code',
);

/** What of a stored code hangs on the secret besides what is sealed: the digest of six digits. That of a token does not. */
export function rekeyedDigest(secrets: Secrets, row: Pick<OneTimeCode, 'id' | 'purpose'>, code: string) {
  return typed.includes(row.purpose as TypedPurpose) ? { digest: digestOfCode({ secrets }, row, code) } : {};
}

/** Ends the codes of which only the digest is stored: with another secret nobody could enter them. Answers how many. */
export async function endUnsealedCodes(db: Database, now: Date): Promise<number> {
  const where = { purpose: { in: typed }, sealed: null, usedAt: null, endedAt: null, expiresAt: { gt: now } };
  return (await db.transaction((tx) => tx.prisma.oneTimeCode.updateMany({ where, data: { endedAt: now } }))).count;
}
