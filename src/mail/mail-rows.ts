import type { Database, MailMessage, SettledMail } from '../db/database.ts';
import { isNoticeTemplate, type MailTemplate } from '../outbox/mail-content.ts';

/** When sending a mail is tried next; null where none waits. */
export async function nextDue({ reader }: Database): Promise<Date | null> {
  const query = { where: { dueAt: { not: null } }, orderBy: { dueAt: 'asc' }, select: { dueAt: true } } as const;
  return (await reader.mailMessage.findFirst(query))?.dueAt ?? null;
}

/** Mails as they were before a process has taken them, until their lease ends. */
export interface Taking {
  readonly mails: readonly MailMessage[];
  readonly leasedUntil: Date;
}

/**
 * Takes mails that are due and that nobody sends, for one process, until their lease ends; answers them as they were. Where that
 * fails after they were found, as when the answer to the COMMIT is lost, they may be taken all the same: that is told before.
 */
export async function takeMails(
  db: Database,
  { now, leasedUntil, limit }: { now: Date; leasedUntil: Date; limit: number },
  onUnknown: (taking: Taking) => void = () => {},
): Promise<MailMessage[]> {
  let mails: MailMessage[] = [];
  try {
    await db.transaction(async ({ statements }) => {
      mails = [];
      mails = await statements.mails.take(now, leasedUntil, limit);
    });
    return mails;
  } catch (error) {
    onUnknown({ mails, leasedUntil });
    throw error;
  }
}

/** Has mails be as before they were taken, and due now, where they were taken by this and by nobody since. */
export async function giveBack(db: Database, { mails, leasedUntil }: Taking, dueAt: Date): Promise<void> {
  await db.transaction(async ({ prisma }) => {
    for (const { id, state, attempts, unanswered } of mails) {
      const where = { id, attempts: attempts + 1, dueAt: leasedUntil };
      await prisma.mailMessage.updateMany({ where, data: { state, attempts, unanswered, dueAt } });
    }
  });
}

/** Moves the end of the leases of these mails, given as they were before they were taken; answers the ids of those that nobody has taken since. */
export async function renewLeases(db: Database, mails: readonly MailMessage[], dueAt: Date): Promise<Set<string>> {
  const kept = new Set<string>();
  await db.transaction(async ({ prisma }) => {
    kept.clear();
    for (const { id, attempts } of mails) {
      const where = { id, attempts: attempts + 1, finishedAt: null };
      const { count } = await prisma.mailMessage.updateMany({ where, data: { dueAt } });
      if (count > 0) kept.add(id);
    }
  });
  return kept;
}

export async function storeSettled(db: Database, rows: readonly SettledMail[]): Promise<void> {
  await db.transaction(({ statements }) => statements.mails.settle(rows));
}

/** Whether the code or token that it carries was used or ended meanwhile. */
export async function isEnded({ reader }: Database, { template, cause }: MailMessage): Promise<boolean> {
  if (isNoticeTemplate[template as MailTemplate]) return false;
  const where = { id: cause, OR: [{ usedAt: { not: null } }, { endedAt: { not: null } }] };
  return (await reader.oneTimeCode.count({ where })) > 0;
}
