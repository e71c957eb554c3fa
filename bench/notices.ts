import type { Row } from './measure.ts';
import { fixed } from './statistics.ts';

/** Of the name of a server that is as the one of the rest of its name, but for the notices. */
export const noticesSuffix = ', notices';

/**
 * Mail is on, so that an update stores the notice of it, and the mail server is away: what is measured is the update, without
 * the sending of what it has caused.
 */
export const noticesSettings = {
  SMTP_URL: 'smtp://127.0.0.1:9',
  MAIL_FROM: 'accounts@roster.example',
  PASSWORD_RESET_URL: 'https://roster.example/reset',
  LOG_LEVEL: 'error',
};

/** Of the requests a second with `MAIL=off`. */
const minRatio = 0.85;

/** How fast an update is that has a notice, beside the same without and beside one of names alone; null for any other row. */
export function compareNotices({ server, workload, connections, database, perSecond }: Row, rows: Row[]) {
  if (!server.endsWith(noticesSuffix)) return null;
  const withoutNotices = (work: Row['workload']) =>
    rows.find(
      (row) =>
        row.database === database &&
        row.workload === work &&
        row.connections === connections &&
        row.server === server.slice(0, -noticesSuffix.length),
    )?.perSecond ?? Number.NaN;
  const ofOff = perSecond / withoutNotices(workload);
  const ofNames = perSecond / withoutNotices('update');
  const is = `${fixed(ofOff, 2)}${ofNames > 0 ? `; ${fixed(ofNames, 2)} of two names` : ''}`;
  return { wanted: `≥ ${fixed(minRatio, 2)} of MAIL=off`, is, reached: ofOff >= minRatio };
}
