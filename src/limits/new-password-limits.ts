import { type Limiters, tooMany } from './limiters.ts';

/** To judge how strong a password is takes up to a tenth of a second of the one thread that answers everybody. */
const newPasswords = { points: 20, duration: 600 };

/** How many new passwords a signed-in user may try: what is refused as weak is no wrong password, but it is work. */
export interface NewPasswordLimits {
  /** Counts one; throws `rate_limited` with the seconds to wait when there were too many. */
  assertAllowed(userId: string): Promise<void>;
}

export function createNewPasswordLimits(limiters: Limiters): NewPasswordLimits {
  const perUser = limiters({ keyPrefix: 'new-password', ...newPasswords, remember: true });
  return {
    async assertAllowed(userId) {
      try {
        await perUser.consume(userId);
      } catch (error) {
        throw tooMany(error, 'Too many new passwords.');
      }
    },
  };
}
