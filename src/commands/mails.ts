import type { MailMessage } from '../db/database.ts';
import * as mails from '../mail/list.ts';
import { printList } from './print-list.ts';
import { readSettings } from './read-settings.ts';
import type { Terminal } from './terminal.ts';
import { withDatabase } from './with-database.ts';

/** `roster mail list`: a line each, oldest first; no address, and nothing of what it says. */
export function listMails(terminal: Terminal, options: { failed?: boolean }): Promise<void> {
  const none = options.failed
    ? 'No mail has failed or expired in the last 30 days.'
    : 'No mail waits or is being sent.';
  return withDatabase(terminal, readSettings(terminal), (db) =>
    printList(terminal, mails.readMails(db, options), summarize, none),
  );
}

/** `roster mail retry ID`. */
export function retryMail(terminal: Terminal, id: string): Promise<void> {
  return withDatabase(terminal, readSettings(terminal), async (db) => {
    await mails.retryMail(db, id, new Date());
    terminal.stdout.write(`${id} is sent within seconds by a server that runs jobs, where the mail server answers.\n`);
  });
}

function summarize({ id, template, state, dueAt, finishedAt, attempts, lastError }: MailMessage): string {
  const at = (finishedAt ?? dueAt)?.toISOString();
  const said = { queued: `waits until ${at}`, sending: `is being sent, with a lease until ${at}` }[state];
  const tries = attempts > 0 ? `  attempts ${attempts}` : '';
  return `${id}  ${template}  ${said ?? `${state} ${at}`}${tries}${lastError === null ? '' : `  ${lastError}`}`;
}
