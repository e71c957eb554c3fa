import type { CodesApp } from '../codes/codes-app.ts';
import type { MailModeSettings } from '../config/mail-mode.ts';
import type { Config } from '../config/settings.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { NewPasswordLimits } from '../limits/new-password-limits.ts';
import type { OwnUpdateLimits } from '../limits/own-update-limits.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import type { RefusalLimits } from '../limits/refusal-limits.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Passwords } from '../passwords/passwords.ts';
import type { LoginPolicy } from './access.ts';
import type { SessionPolicy } from './changes.ts';

/** What the rules of users need of the service. */
export interface UsersApp extends CodesApp {
  readonly config: CodesApp['config'] &
    LoginPolicy &
    SessionPolicy &
    MailModeSettings &
    Pick<Config, 'MAGIC_AUTH_CREATES_USERS' | 'EMAIL_CHANGE_CONFIRM' | 'PASSWORD_RESET_URL' | 'EVENTS_RETENTION_DAYS'>;
  readonly passwords: Passwords;
  readonly jobs: Pick<Jobs, 'enqueue'>;
  readonly newPasswordLimits: NewPasswordLimits;
  readonly ownUpdateLimits: OwnUpdateLimits;
  readonly refusalLimits: RefusalLimits;
  readonly metrics: Pick<Metrics, 'unrecordedRefusals'>;
  readonly rateLimits: Pick<RateLimits, 'countSignIn'>;
}
