import type { OneTimeCode, Prisma, Transaction } from '../db/database.ts';
import type { CodesApp } from './codes-app.ts';
import type { CodePurpose } from './purposes.ts';

/** Codes of one set can be tried so often, all together. */
export const maxAttempts = 5;

/** Codes that can be live together, and share one count of attempts: those of a user, or of an address that nobody has. */
export type CodeSet =
  | { readonly purpose: CodePurpose; readonly userId: string }
  | { readonly purpose: CodePurpose; readonly userId: null; readonly emailCanonical: string };

export function setOf(
  purpose: CodePurpose,
  { userId, emailCanonical }: Pick<OneTimeCode, 'userId' | 'emailCanonical'>,
): CodeSet {
  return userId === null ? { purpose, userId, emailCanonical } : { purpose, userId };
}

/** What can still be used, in Prisma's words. */
export function whereLive(now: Date) {
  return {
    usedAt: null,
    endedAt: null,
    expiresAt: { gt: now },
    attempts: { lt: maxAttempts },
  } satisfies Prisma.OneTimeCodeWhereInput;
}

/** Whether it can still be used. */
export function isLive({ usedAt, endedAt, expiresAt, attempts }: OneTimeCode, now: Date): boolean {
  return usedAt === null && endedAt === null && expiresAt > now && attempts < maxAttempts;
}

/** Within a transaction: the newest code of a set that can still be used, or null. */
export async function findNewestLive(
  { now }: Pick<CodesApp, 'now'>,
  { prisma, statements }: Transaction,
  set: CodeSet,
): Promise<OneTimeCode | null> {
  const where = { ...set, ...whereLive(await statements.decidingTime(now())) };
  return prisma.oneTimeCode.findFirst({ where, orderBy: { id: 'desc' } });
}
