import { WorkOS } from '@workos-inc/node';
import { describe, expect, test } from 'vitest';
import { WorkOS as WorkOS7 } from 'workos-7';
import { WorkOS as WorkOS11 } from 'workos-11';
import { createWorkOS, useRestServer } from '../support/rest.ts';
import { newAddress } from '../support/users.ts';

const password = 'wkqzvxmrhtbj';
const cookiePassword = 'a password of cookies with 32 letters';

const versions = [
  ['7', WorkOS7 as unknown as typeof WorkOS],
  ['8', WorkOS],
  ['11', WorkOS11 as unknown as typeof WorkOS],
] as const;

describe.each(['ES256', 'RS256'])('with tokens signed by %s', (algorithm) => {
  const t = useRestServer({ TOKEN_ALGORITHM: algorithm });

  test.each(versions)('JavaScript %s seals a session, proves it by the keys, and refreshes it', async (_, Client) => {
    const users = createWorkOS(t, t.server.key, Client).userManagement;
    const { email, id } = await users.createUser({ email: newAddress(), password, emailVerified: true });
    const session = { sealSession: true, cookiePassword };
    const { sealedSession = '' } = await users.authenticateWithPassword({
      email,
      password,
      clientId: 'client_any',
      session,
    });
    const loaded = await users.loadSealedSession({ sessionData: sealedSession, cookiePassword });
    const proven = await loaded.authenticate();
    expect(proven).toMatchObject({ authenticated: true, user: { id, email } });

    const { sessionId } = proven as unknown as { sessionId: string };
    const refreshed = await loaded.refresh();
    expect(refreshed).toMatchObject({ authenticated: true, user: { id } });
    expect(await loaded.authenticate()).toMatchObject({ authenticated: true, sessionId });

    const forged = await users.loadSealedSession({ sessionData: `${sealedSession.slice(0, -3)}xyz`, cookiePassword });
    expect(await forged.authenticate().catch(() => ({ authenticated: false }))).toMatchObject({ authenticated: false });
  });
});
