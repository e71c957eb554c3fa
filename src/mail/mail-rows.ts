import type { Database, MailMessage, Prisma } from '../db/database.ts';
import { isNoticeTemplate, type MailTemplate } from '../outbox/mail-content.ts';

/** A mail that is neither sent nor given up. */
const open = { state: { in: ['queued', 'sending'] } };

/** What became of a mail, for good. */
export interface Ending {
  readonly state: 'sent' | 'failed' | 'expired' | 'cancelled';
  readonly smtpReplyCode?: number | null;
  readonly lastError?: string | null;
}

export async function findOpenMail({ reader }: Database, id: string): Promise<MailMessage | null> {
  return reader.mailMessage.findFirst({ where: { id, ...open } });
}

/** Whether the code or token that it carries was used or ended meanwhile. */
export async function isEnded({ reader }: Database, { template, dedupeKey }: MailMessage): Promise<boolean> {
  if (isNoticeTemplate[template as MailTemplate]) return false;
  const id = dedupeKey.slice(template.length + 1);
  const where = { id, OR: [{ usedAt: { not: null } }, { endedAt: { not: null } }] };
  return (await reader.oneTimeCode.count({ where })) > 0;
}

/** Notes that it is about to be sent. Where nothing else is noted afterwards, nobody knows whether it was. */
export async function noteAttempt(db: Database, id: string): Promise<void> {
  const data = { state: 'sending', attempts: { increment: 1 }, unanswered: { increment: 1 } };
  await update(db, id, data);
}

/** Notes that it was not sent, and is tried again. */
export async function noteFailure(
  db: Database,
  id: string,
  smtpReplyCode: number | null,
  lastError: string,
): Promise<void> {
  await update(db, id, { state: 'queued', unanswered: 0, smtpReplyCode, lastError });
}

/** Ends it: what it said, and where it went, is erased. */
export async function finishMail(db: Database, id: string, ending: Ending, finishedAt: Date): Promise<void> {
  const { smtpReplyCode = null, lastError = null, state } = ending;
  await update(db, id, {
    state,
    smtpReplyCode,
    lastError,
    finishedAt,
    address: null,
    sealedParameters: null,
    unanswered: 0,
  });
}

async function update(db: Database, id: string, data: Prisma.MailMessageUpdateManyMutationInput): Promise<void> {
  await db.transaction((tx) => tx.prisma.mailMessage.updateMany({ where: { id, ...open }, data }));
}
