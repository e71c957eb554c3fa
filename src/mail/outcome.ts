import type { MailMessage, SettledMail } from '../db/database.ts';
import { delayAfter } from './pause.ts';

/** What became of a mail, for good. */
export interface Ending {
  readonly state: 'sent' | 'failed' | 'expired' | 'cancelled';
  readonly smtpReplyCode?: number | null;
  readonly lastError?: string | null;
}

/**
 * What became of a mail that was taken to be sent. `released`: it was not tried, and is for the next process. `isUnknown`: whether
 * the server may have taken it.
 */
export type Outcome =
  | { readonly kind: 'ended'; readonly ending: Ending; readonly wasTried: boolean }
  | {
      readonly kind: 'again';
      readonly smtpReplyCode: number | null;
      readonly lastError: string;
      readonly isUnknown: boolean;
    }
  | { readonly kind: 'released' };

interface Given {
  readonly now: Date;
  readonly scheduleMs: readonly number[];
  /** What is kept of an address that mail is not sent to any more. */
  readonly hashOf: (address: string) => string;
}

/** The row of a mail, given as it was before it was taken, after that. Of one that is over, what it said and where it went is erased. */
export function settle(mail: MailMessage, outcome: Outcome, { now, scheduleMs, hashOf }: Given): SettledMail {
  const taken = mail.attempts + 1;
  const attempts = outcome.kind === 'again' || (outcome.kind === 'ended' && outcome.wasTried) ? taken : mail.attempts;
  const row = { ...mail, taken, attempts };
  if (outcome.kind === 'released') return { ...row, dueAt: now };
  if (outcome.kind === 'again') {
    const { smtpReplyCode, lastError, isUnknown } = outcome;
    const unanswered = mail.unanswered + (isUnknown ? 1 : 0);
    const dueAt = new Date(now.getTime() + delayAfter(scheduleMs, attempts));
    return { ...row, state: 'queued', unanswered, smtpReplyCode, lastError, dueAt };
  }
  const { state, smtpReplyCode = null, lastError = null } = outcome.ending;
  const erased = { address: null, sealedParameters: null, addressHash: hashOf(mail.address ?? '') };
  return { ...row, ...erased, state, smtpReplyCode, lastError, unanswered: 0, dueAt: null, finishedAt: now };
}
