/** What nodemailer says of a mail that was not taken; see `ERROR_CODES` there. */
interface SmtpError extends Error {
  readonly code?: string;
  readonly originalCode?: string;
  readonly timeoutType?: string;
  readonly responseCode?: number;
  readonly response?: string;
  readonly permanent?: boolean;
}

/** Why a mail was not taken. */
export interface SmtpFailure {
  /** `refused`: this mail, for good. `deferred`: this mail, for now. `away`: the server, whatever the mail. */
  readonly kind: 'refused' | 'deferred' | 'away';
  readonly replyCode: number | null;
  /** Without what the server says in words, which often is the address. */
  readonly reason: string;
}

/** Whether the server's answer was about the mail. */
const aboutTheMail = new Set(['EENVELOPE', 'EMESSAGE']);
/** The service is closing, whatever was asked. */
const closing = 421;

export function toSmtpFailure(error: unknown): SmtpFailure {
  const { code = '', originalCode, timeoutType, responseCode, response = '', permanent } = error as SmtpError;
  const isAboutTheMail = aboutTheMail.has(code) && responseCode !== closing;
  if (responseCode === undefined) {
    const reason = isAboutTheMail
      ? `The mail cannot be sent to such a server (${code}).`
      : `The mail server does not answer (${timeoutType ?? originalCode ?? (code || 'connection closed')}).`;
    return { kind: isAboutTheMail ? 'refused' : 'away', replyCode: null, reason };
  }
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1];
  const reason = `The mail server answered ${[responseCode, enhanced].filter(Boolean).join(' ')}${code === 'EAUTH' ? ' to the user and password of SMTP_URL' : ''}.`;
  if (!isAboutTheMail) return { kind: 'away', replyCode: responseCode, reason };
  return { kind: permanent ? 'refused' : 'deferred', replyCode: responseCode, reason };
}
