import type { OneTimeCode, Prisma, Transaction } from '../db/database.ts';
import type { CodesApp } from './codes-app.ts';
import type { CodePurpose } from './purposes.ts';

/** Codes of one set can be tried so often, all together: by their own, which ends them, and by all others, see `Guesser`. */
export const maxAttempts = 5;

/** Codes that can be live together: those of a user, or of an address that nobody has. */
export type CodeSet =
  | { readonly purpose: CodePurpose; readonly userId: string }
  | { readonly purpose: CodePurpose; readonly userId: null; readonly emailCanonical: string };

export function setOf(
  purpose: CodePurpose,
  { userId, emailCanonical }: Pick<OneTimeCode, 'userId' | 'emailCanonical'>,
): CodeSet {
  return userId === null ? { purpose, userId, emailCanonical } : { purpose, userId };
}

/**
 * Who tries a code. The tries of the user, and from where the code was asked for, are counted apart from those of all others, who
 * could else end what they have not asked for.
 */
export interface Guesser {
  /** A network, or the id of an API key; null where neither is known. */
  readonly id: string | null;
  /** Known as the user: signed in, with the right password, or from a network that has signed in as them. */
  readonly isOwner: boolean;
}

/** What can still be used by whoever has asked for it, in Prisma's words. */
export function whereLive(now: Date) {
  return {
    usedAt: null,
    endedAt: null,
    expiresAt: { gt: now },
    ownAttempts: { lt: maxAttempts },
  } satisfies Prisma.OneTimeCodeWhereInput;
}

/** Which codes this one can try, by the count that it raises. */
export function whereTriable({ id, isOwner }: Guesser, now: Date) {
  const live = whereLive(now);
  if (isOwner) return { ownAttempts: live, attempts: null };
  const ofOthers = { OR: [{ requestedBy: { not: id } }, ...(id === null ? [] : [{ requestedBy: null }])] };
  return {
    ownAttempts: { ...live, requestedBy: id },
    attempts: { ...live, attempts: { lt: maxAttempts }, ...ofOthers },
  } satisfies Record<string, Prisma.OneTimeCodeWhereInput>;
}

/** The tries of a code that stand against this one. */
export function triesOf({ requestedBy, attempts, ownAttempts }: OneTimeCode, { id, isOwner }: Guesser): number {
  return isOwner || requestedBy === id ? ownAttempts : Math.max(attempts, ownAttempts);
}

/** Whether it was neither used nor ended, and has not expired. */
export function isUsable({ usedAt, endedAt, expiresAt }: OneTimeCode, now: Date): boolean {
  return usedAt === null && endedAt === null && expiresAt > now;
}

/** Whether whoever has asked for it can still use it. */
export function isLive(code: OneTimeCode, now: Date): boolean {
  return isUsable(code, now) && code.ownAttempts < maxAttempts;
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
