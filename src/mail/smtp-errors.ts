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
/** Roster waited long enough, and has broken the attempt off. */
const gaveUp = 'EABORT';
/** The service is closing, whatever was asked. */
const closing = 421;

export function toSmtpFailure(error: unknown): SmtpFailure {
  const { code = '', originalCode, timeoutType, responseCode, response = '', permanent } = error as SmtpError;
  const isAboutTheMail = aboutTheMail.has(code) && responseCode !== closing;
  if (responseCode === undefined) {
    // Says nothing of the mail: another program listens there, or something between the two has broken in.
    if (response !== '')
      return { kind: 'away', replyCode: null, reason: 'The mail server answered something else than SMTP.' };
    const reason = isAboutTheMail
      ? `The mail cannot be sent to such a server (${code}).`
      : `The mail server does not answer (${timeoutType ?? originalCode ?? (code === gaveUp ? 'ANSWER_TIMEOUT' : code || 'connection closed')}).`;
    return { kind: isAboutTheMail ? 'refused' : 'away', replyCode: null, reason };
  }
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1];
  const reason = `The mail server answered ${[responseCode, enhanced].filter(Boolean).join(' ')}${code === 'EAUTH' ? ' to the user and password of SMTP_URL' : ''}.`;
  if (!isAboutTheMail) return { kind: 'away', replyCode: responseCode, reason };
  return { kind: permanent ? 'refused' : 'deferred', replyCode: responseCode, reason };
}

const advice: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there: is the port of SMTP_URL right?',
  ENOTFOUND: 'There is no such host: is the name in SMTP_URL right?',
  EDNS: 'There is no such host: is the name in SMTP_URL right?',
  CONNECT_TIMEOUT: 'The network may block this port; many do with 25. Try 587 or 465.',
  GREETING_TIMEOUT: 'It says nothing: a port that begins with TLS, such as 465, takes smtps://.',
  [gaveUp]: 'It fell silent in the middle of it: does it send this mail on, or look through it, for so long?',
  ETLS: 'No encrypted connection could be made. Use smtps:// for a port that begins with TLS (465), smtp:// for STARTTLS (587).',
  ESOCKET:
    'No encrypted connection could be made. Use smtps:// for a port that begins with TLS (465), smtp:// for STARTTLS (587).',
  EAUTH:
    'It does not take the user and password of SMTP_URL. Special characters of the password are percent-encoded there.',
};

/** The same for the operator, who tries the settings out: with the server's own words, and what may be wrong. */
export function explainSmtpFailure(error: unknown): string {
  const { code = '', originalCode = '', timeoutType = '', response, message } = error as SmtpError;
  const said = response ? `The mail server answered: ${response}` : `The mail could not be sent: ${message}`;
  const known = [timeoutType, originalCode, code].find((name) => advice[name] !== undefined);
  return [said, known && advice[known]].filter(Boolean).join('\n');
}
