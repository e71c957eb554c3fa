import { authExchange } from '@urql/exchange-auth';
import { Client, type CombinedError, cacheExchange, fetchExchange, mapExchange } from 'urql';
import { forget, getAccessToken, refresh, rosterUrl, sessionEnded } from './session.ts';

const isUnauthorized = ({ graphQLErrors }: CombinedError) =>
  graphQLErrors.some(({ extensions }) => extensions.code === 'UNAUTHORIZED');

/**
 * A client for one sign-in; the next one gets another, so that nobody sees what was cached for somebody else.
 *
 * Before the access token expires, and when Roster answers `UNAUTHORIZED`, the requests wait for one refresh and are sent
 * once more. One that is refused again ends at the sign-in.
 */
export function createClient(): Client {
  return new Client({
    url: rosterUrl,
    preferGetMethod: false,
    exchanges: [
      cacheExchange,
      mapExchange({ onError: (error) => isUnauthorized(error) && forget(sessionEnded) }),
      authExchange(async ({ appendHeaders }) => ({
        addAuthToOperation(operation) {
          const token = getAccessToken();
          return token ? appendHeaders(operation, { Authorization: `Bearer ${token}` }) : operation;
        },
        willAuthError: () => getAccessToken() === null,
        didAuthError: isUnauthorized,
        refreshAuth: refresh,
      })),
      fetchExchange,
    ],
  });
}
