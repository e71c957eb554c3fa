import type { CodesApp } from '../codes/codes-app.ts';
import type { NewPasswordLimits } from '../limits/new-password-limits.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import type { Passwords } from '../passwords/passwords.ts';
import type { LoginPolicy } from './access.ts';
import type { SessionPolicy } from './changes.ts';

/** What the rules of users need of the service. */
export interface UsersApp extends CodesApp {
  readonly config: CodesApp['config'] & LoginPolicy & SessionPolicy;
  readonly passwords: Passwords;
  readonly newPasswordLimits: NewPasswordLimits;
  readonly rateLimits: Pick<RateLimits, 'countSignIn'>;
}
