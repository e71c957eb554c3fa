import type { Config } from '../config/settings.ts';
import type { SendLimits } from '../limits/send-limits.ts';
import type { SignInLimits } from '../limits/sign-in-limits.ts';
import type { SessionsApp } from '../sessions/sessions-app.ts';

/** What the rules of codes need of the service. */
export interface CodesApp extends SessionsApp {
  readonly config: SessionsApp['config'] & Pick<Config, 'EMAIL_VERIFICATION_CODE_MINUTES'>;
  readonly signInLimits: SignInLimits;
  readonly sendLimits: SendLimits;
}
