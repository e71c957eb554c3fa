import type { NewPasswordLimits } from '../limits/new-password-limits.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import type { SignInLimits } from '../limits/sign-in-limits.ts';
import type { Passwords } from '../passwords/passwords.ts';
import type { SessionsApp } from '../sessions/sessions-app.ts';
import type { LoginPolicy } from './access.ts';
import type { SessionPolicy } from './changes.ts';

/** What the rules of users need of the service. */
export interface UsersApp extends SessionsApp {
  readonly config: SessionsApp['config'] & LoginPolicy & SessionPolicy;
  readonly passwords: Passwords;
  readonly signInLimits: SignInLimits;
  readonly newPasswordLimits: NewPasswordLimits;
  readonly rateLimits: Pick<RateLimits, 'countSignIn'>;
}
