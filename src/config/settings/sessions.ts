import { z } from 'zod';
import { flag, integer } from '../setting-rules.ts';

export const sessionSettings = {
  EVENTS_RETENTION_DAYS: integer(0, 36_500)
    .default(90)
    .describe(
      'How long events are kept: what happened to users, sessions and identities, for `GET /events` and the history of a user. 0: nothing is recorded, and what was recorded goes.',
    ),
  SESSION_LIFETIME_HOURS: integer(1, 87_600)
    .default(720)
    .describe('When a session ends, counted from the sign-in. A refresh does not move it.'),
  MAX_SESSIONS_PER_USER: integer(1, 1000)
    .default(100)
    .describe('Sessions that one user can have at a time; a sign-in beyond it ends the oldest.'),
  REFRESH_REUSE_GRACE_SECONDS: integer(0, 60)
    .default(0)
    .describe(
      'How long a used refresh token gets the same next one again, for tabs that refresh at once and answers that were lost; 0: it ends its session.',
    ),
  PASSWORD_CHANGE_ENDS_SESSIONS: flag
    .default(true)
    .describe('Whether a changed password ends all sessions of the user but the one that asked.'),
  EMAIL_CHANGE_ENDS_SESSIONS: flag
    .default(true)
    .describe('Whether a changed email ends all sessions of the user but the one that asked.'),
  EMAIL_VERIFICATION_CODE_MINUTES: integer(10, 1440)
    .default(10)
    .describe('How long a code that verifies an address is good for. All other codes: ten minutes.'),
  EMAIL_CHANGE_CONFIRM: z
    .enum(['new', 'both'])
    .default('new')
    .describe(
      'Which mailboxes confirm a change of the address: the `new` one, or `both`, first the one so far, where it is verified. An update by a backend asks neither.',
    ),
  MAGIC_AUTH_CREATES_USERS: flag
    .default(true)
    .describe(
      'Whether `POST /user_management/magic_auth` makes a user for an address that nobody has. `false`: it is refused with `sign_up_not_allowed`.',
    ),
};
