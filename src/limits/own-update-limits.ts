import { type Limiters, tooMany } from './limiters.ts';

/** Each one that changes something is an event, and is told to every webhook endpoint. Nobody edits a profile so often. */
const perSession = { points: 300, duration: 600 };
const perUser = { points: 900, duration: 600 };

/** How often users may update themselves, so that they do not fill the store with what is recorded of it. */
export interface OwnUpdateLimits {
  /** Counts one, also one that changes nothing; throws `rate_limited` with the seconds to wait when there were too many. */
  assertAllowed(user: { readonly sessionId: string; readonly userId: string }): Promise<void>;
}

/** By the session first: whoever has stolen one leaves two thirds to those of its owner. */
export function createOwnUpdateLimits(limiters: Limiters): OwnUpdateLimits {
  const sessions = limiters({ keyPrefix: 'own-updates-session', ...perSession, remember: true });
  const users = limiters({ keyPrefix: 'own-updates-user', ...perUser, remember: true });
  return {
    async assertAllowed({ sessionId, userId }) {
      try {
        await sessions.consume(sessionId);
        await users.consume(userId);
      } catch (error) {
        throw tooMany(error, 'Too many updates.');
      }
    },
  };
}
