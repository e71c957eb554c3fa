import { createCount } from './count.ts';
import type { Limiters } from './limiters.ts';

/** To judge how strong a password is takes up to a tenth of a second of the one thread that answers everybody. */
const newPasswords = { points: 20, windowSeconds: 600 };

/** What gives the right to set a new password: a session, or a token that was mailed. */
export type NewPasswordRight = { readonly sessionId: string } | { readonly tokenId: string };

/** How many new passwords may be tried: what is refused as weak is no wrong password, but it is work. */
export interface NewPasswordLimits {
  /** Counts one; throws `rate_limited` with the seconds to wait when there were too many. */
  assertAllowed(right: NewPasswordRight): Promise<void>;
}

/** Not by the user: whoever has stolen a session would keep its owner from changing the password, and from resetting it. */
export function createNewPasswordLimits(limiters: Limiters): NewPasswordLimits {
  const count = createCount(limiters, {
    keyPrefix: 'new-password',
    ...newPasswords,
    message: 'Too many new passwords.',
  });
  return {
    assertAllowed: (right) => count('sessionId' in right ? `session ${right.sessionId}` : `token ${right.tokenId}`),
  };
}
