import type { OneTimeCode, Transaction } from '../db/database.ts';
import type { CodesApp } from './codes-app.ts';
import { digestOfToken } from './create.ts';
import { setOf, whereLive } from './live.ts';
import { type CodePurpose, purposes, type TokenPurpose } from './purposes.ts';

/**
 * Within the transaction of what it is for, which has locked the user: uses up a token, or a code, and ends the others of its
 * set. Answers whether it counted: false where it was used or ended since it was found right. `usedFrom` is kept where it makes its
 * user known in that network.
 */
export async function useCode(
  app: CodesApp,
  { prisma, statements }: Transaction,
  row: OneTimeCode,
  usedFrom: string | null = null,
): Promise<boolean> {
  const now = await statements.decidingTime(app.now());
  const isUnused = { usedAt: null, endedAt: null };
  const used = await prisma.oneTimeCode.updateMany({
    where: { id: row.id, ...isUnused },
    data: { usedAt: now, sealed: null, usedFrom },
  });
  if (used.count === 0) return false;
  if (purposes[row.purpose as CodePurpose].form === 'token') return true; // each stands for itself
  const others = { ...setOf(row.purpose as CodePurpose, row), ...isUnused };
  await prisma.oneTimeCode.updateMany({ where: others, data: { endedAt: now, sealed: null } });
  return true;
}

/** Within a transaction that has locked the user: ends what was given out to them for these purposes, but for one. */
export async function endOtherCodes(
  app: CodesApp,
  { prisma, statements }: Transaction,
  ended: readonly CodePurpose[],
  { id, userId }: OneTimeCode,
): Promise<void> {
  const now = await statements.decidingTime(app.now());
  const where = { userId, purpose: { in: [...ended] }, id: { not: id }, usedAt: null, endedAt: null };
  await prisma.oneTimeCode.updateMany({ where, data: { endedAt: now, sealed: null } });
}

/** Within a transaction: the row of a token that can still be used, or null. */
export async function findToken(
  app: CodesApp,
  { prisma, statements }: Transaction,
  purpose: TokenPurpose,
  token: string,
): Promise<OneTimeCode | null> {
  const now = await statements.decidingTime(app.now());
  return prisma.oneTimeCode.findFirst({ where: { purpose, digest: digestOfToken(token), ...whereLive(now) } });
}

/**
 * The row of a token that was given out and is neither used nor ended, or null; whether it has expired, `findToken` says. So that
 * nobody takes the turn to write with a token that is of no use.
 */
export async function findUnused({ db }: CodesApp, purpose: TokenPurpose, token: string): Promise<OneTimeCode | null> {
  return db.reader.oneTimeCode.findFirst({
    where: { purpose, digest: digestOfToken(token), usedAt: null, endedAt: null },
  });
}
