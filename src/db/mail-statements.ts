import type { ArgType, SqlQueryable } from '@prisma/driver-adapter-utils';
import { type Column, columnsOf, readRow, writeRow } from './columns.ts';
import type { Sql } from './dialect.ts';
import type { DatabaseClient, MailMessage } from './models.ts';

/** What is given of a new mail; the database knows the rest of a mail that nobody has tried to send. */
const given = [
  ...(['id', 'userId', 'template', 'locale', 'address', 'sealedParameters', 'cause'] as const),
  ...(['createdAt', 'dueAt', 'expiresAt'] as const),
] as const;
export type NewMail = Pick<MailMessage, (typeof given)[number]>;

export function newMailColumns(client: DatabaseClient): Column[] {
  return columnsOf(client, 'mailMessage').filter(({ field }) => (given as readonly string[]).includes(field));
}

const settled = [
  ...(['id', 'address', 'addressHash', 'sealedParameters', 'state', 'attempts', 'unanswered'] as const),
  ...(['smtpReplyCode', 'lastError', 'dueAt', 'finishedAt'] as const),
] as const;
/** What became of a mail; `taken` is the number of its attempts while it was being sent. */
export type SettledMail = Pick<MailMessage, (typeof settled)[number]> & { readonly taken: number };

/** Within a transaction. */
export interface MailStatements {
  /**
   * Takes so many of the mails that are due, those that have waited longest, and that no other process is just taking; answers
   * them as they were.
   */
  take(now: Date, leasedUntil: Date, limit: number): Promise<MailMessage[]>;
  /** Stores what became of those that nobody else has taken since. */
  settle(rows: readonly SettledMail[]): Promise<void>;
}

export function createMailStatements(
  dialect: Sql,
  client: DatabaseClient,
): (queryable: SqlQueryable) => MailStatements {
  const { table, parameter } = dialect;
  const columns = columnsOf(client, 'mailMessage');
  const mails = table('mail_messages');
  const due = `SELECT ${columns.map(({ name }) => name).join(', ')} FROM ${mails}
    WHERE due_at <= ${parameter(1)} ORDER BY due_at LIMIT ${parameter(2)} ${dialect.lockAvailable}`;
  const lease = `UPDATE ${mails} SET state = 'sending', attempts = attempts + 1, unanswered = unanswered + 1,
    due_at = ${parameter(1)} WHERE id ${dialect.oneOf(2)}`;
  const written: Column[] = [
    ...columns.filter(({ field }) => (settled as readonly string[]).includes(field)),
    { field: 'taken', name: 'taken', type: 'Int' },
  ];
  const settle = settlingText(dialect, written);

  return (queryable) => ({
    async take(now, leasedUntil, limit) {
      const { rows } = await queryable.queryRaw({
        sql: due,
        args: [now.toISOString(), limit],
        argTypes: [text, number],
      });
      const found = rows.map((values) => readRow<MailMessage>(columns, values));
      if (found.length === 0) return [];
      const args = [leasedUntil.toISOString(), dialect.list(found.map(({ id }) => id))];
      await queryable.executeRaw({ sql: lease, args, argTypes: [text, list] });
      return found;
    },
    async settle(rows) {
      if (rows.length === 0) return;
      const args = [JSON.stringify(rows.map((row) => writeRow(written, row)))];
      await queryable.executeRaw({ sql: settle, args, argTypes: [text] });
    },
  });
}

const text: ArgType = { scalarType: 'string', arity: 'scalar' };
const number: ArgType = { scalarType: 'int', arity: 'scalar' };
const list: ArgType = { scalarType: 'string', arity: 'list' };

/** Whoever takes a mail counts an attempt: so it tells whether somebody else has. */
function settlingText(dialect: Sql, columns: readonly Column[]): string {
  const changed = columns.filter(({ field }) => field !== 'id' && field !== 'taken');
  const assignments = changed.map((column) => `${column.name} = ${dialect.assign(column)}`);
  return `UPDATE ${dialect.table('mail_messages')} SET ${assignments.join(', ')} FROM ${dialect.rows(columns)} AS row
    WHERE mail_messages.id = row.id AND mail_messages.attempts = row.taken AND mail_messages.finished_at IS NULL`;
}
