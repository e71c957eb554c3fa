import type { Logger } from 'pino';
import type { MailMessage } from '../db/database.ts';
import { reasonWithoutValues } from '../errors.ts';
import { persistently } from '../jobs/persist.ts';
import { createRenewals } from '../jobs/renewals.ts';
import { contendedMs, defaultTiming, type Runner, type Timing, waitFor } from '../jobs/runner.ts';
import { createRunning } from '../jobs/running.ts';
import { createWorker, type Worker } from '../jobs/worker.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { parseEmail } from '../users/email.ts';
import { giveBack, nextDue, renewLeases, storeSettled, type Taking, takeMails } from './mail-rows.ts';
import { mailConnections } from './mailer.ts';
import { type Outcome, settle } from './outcome.ts';
import { createPause } from './pause.ts';
import { createSender, type Sender, type SenderApp } from './send.ts';

export interface SendingApp extends SenderApp {
  readonly metrics: Pick<Metrics, 'mails'>;
}

/** How long to wait after each failure; the last goes on until what the mail carries expires. */
const retryScheduleMs = [5_000, 30_000, 120_000];

/** Sends the mails that wait, beside the requests. */
export function createMailSending(app: SendingApp, scheduleMs = retryScheduleMs, timing = defaultTiming): Worker {
  return createWorker({ log: app.log, name: 'mails', timing }, (onRoom) =>
    createMailRunner(app, scheduleMs, timing, onRoom),
  );
}

function createMailRunner(app: SendingApp, scheduleMs: number[], timing: Timing, onRoom: () => void): Runner {
  const { db, now } = app;
  const pause = createPause(scheduleMs, now);
  const running = createRunning(createAttempt(app, createSender(app, pause), scheduleMs), onRoom);
  const leasedUntil = () => new Date(now().getTime() + timing.leaseMs);
  /** Whose COMMIT has not answered. */
  let unknown: Taking[] = [];

  async function renewRunning(): Promise<void> {
    const mails = running.list();
    if (mails.length === 0) return;
    const kept = await renewLeases(db, mails, leasedUntil());
    for (const { id } of mails) if (!kept.has(id)) running.lose(id);
  }

  const { renew, catchUp } = createRenewals(renewRunning, timing.leaseMs, now);

  return {
    renew,
    settled: running.settled,
    abort: running.abort,
    running: () => running.list().map(({ id, template }) => ({ id, kind: template })),
    async beginDue() {
      for (const taking of unknown) await giveBack(db, taking, now());
      unknown = [];
      for (;;) {
        const limit = mailConnections - running.list().length;
        if (limit <= 0 || running.isStopping()) return timing.pollMs;
        const next = pause.until() ?? (await nextDue(db));
        if (next === null || next > now()) return waitFor(next, now(), timing);
        if (pause.until() !== null) continue; // it began while the database was asked
        await catchUp();
        const lease = { now: now(), leasedUntil: leasedUntil(), limit };
        const mails = await takeMails(db, lease, (taking) => unknown.push(taking));
        if (mails.length === 0) return contendedMs;
        mails.forEach(running.begin);
      }
    },
  };
}

/** Tries to send a mail, and stores what became of it; never rejects. */
function createAttempt(
  { db, log, metrics, now, secrets }: SendingApp,
  { send, forget }: Sender,
  scheduleMs: readonly number[],
) {
  const hashOf = (address: string) => secrets.hmacOf('mail address', parseEmail(address)?.canonical ?? address);

  async function store(mail: MailMessage, outcome: Outcome, stopping: AbortSignal): Promise<void> {
    const row = settle(mail, outcome, { now: now(), scheduleMs, hashOf });
    const write = () => storeSettled(db, [row]);
    // What is given back may be another's at once, with as many attempts: to give it back again would be theirs.
    await (outcome.kind === 'released' ? write() : persistently(write, stopping));
    forget(mail.id);
    if (outcome.kind === 'ended') metrics.mails.add(1, { template: mail.template, outcome: outcome.ending.state });
    tell(log, mail, outcome);
  }

  return async (mail: MailMessage, { signal }: AbortController, stopping: AbortSignal): Promise<void> => {
    try {
      await store(mail, await send(mail, signal).catch(failed), stopping);
    } catch (error) {
      const line = { mailId: mail.id, template: mail.template, err: error };
      log.warn(line, 'what became of a mail could not be stored: another process may send it again');
    }
  };
}

/** Where Roster is at fault, or the database does not answer. */
function failed(error: unknown): Outcome {
  return { kind: 'again', smtpReplyCode: null, lastError: reasonWithoutValues(error), isUnknown: false };
}

function tell(log: Logger, { id: mailId, template, attempts }: MailMessage, outcome: Outcome): void {
  if (outcome.kind === 'released') return;
  if (outcome.kind === 'again') {
    const line = { mailId, template, attempts: attempts + 1, smtpReplyCode: outcome.smtpReplyCode ?? undefined };
    log.warn({ ...line, reason: outcome.lastError }, 'a mail was not sent, and is tried again');
    return;
  }
  const { state, smtpReplyCode, lastError: reason } = outcome.ending;
  const line = { mailId, template, smtpReplyCode: smtpReplyCode ?? undefined, reason };
  if (state === 'sent') log.debug(line, 'a mail was sent');
  else if (state === 'cancelled') log.debug(line, 'a mail was not sent: what it carries was used or ended before');
  else if (state === 'expired') log.warn(line, 'a mail could not be sent before what it carries expired');
  else log.error(line, 'a mail could not be sent, and is given up');
}
