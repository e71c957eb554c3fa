import type { Database, MailMessage } from '../db/database.ts';
import { DomainError } from '../errors.ts';

const pageSize = 500;

/** All mails that wait or are being sent, oldest first, some at a time; or those that could not be sent in the last 30 days. */
export async function* readMails({ reader }: Database, { failed = false } = {}): AsyncGenerator<MailMessage[]> {
  const asked = failed ? { state: { in: ['failed', 'expired'] } } : { dueAt: { not: null } };
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const where = { ...asked, id: { gt: cursor } };
    const mails: MailMessage[] = await reader.mailMessage.findMany({ where, orderBy: { id: 'asc' }, take: pageSize });
    yield mails;
    cursor = mails.at(-1)?.id;
  }
}

/** Has a mail that waits sent now. Throws `entity_not_found` where none with this id waits. */
export async function retryMail(db: Database, id: string, now: Date): Promise<void> {
  const where = { id, state: 'queued', dueAt: { not: null } };
  const { count } = await db.transaction((tx) => tx.prisma.mailMessage.updateMany({ where, data: { dueAt: now } }));
  const message = `There is no mail '${id}' that waits. One that was sent or given up cannot be sent again: what it said is erased.`;
  if (count === 0) throw new DomainError('entity_not_found', message, { entityId: id });
}
