import { useEffect, useRef } from 'react';
import { useClient, useQuery } from 'urql';
import { EmailForm } from './email-form.tsx';
import { EndSession, Viewer } from './operations.ts';
import { PasswordForm } from './password-form.tsx';
import { findProblems } from './problems.ts';
import { ProfileForm } from './profile-form.tsx';
import { forget, getSessionId } from './session.ts';
import { SessionList } from './session-list.tsx';

export function Account() {
  const client = useClient();
  const [{ data, error }, reload] = useQuery({ query: Viewer });
  useReturn(() => reload({ requestPolicy: 'network-only' }));
  const viewer = data?.viewer;
  const heading = useRef<HTMLHeadingElement>(null);
  const isLoaded = Boolean(viewer);
  useEffect(() => {
    if (isLoaded) heading.current?.focus();
  }, [isLoaded]);

  async function signOut(): Promise<void> {
    const id = getSessionId();
    const { error } = id ? await client.mutation(EndSession, { id }) : {};
    forget(error && 'You are signed out in this browser, but the server could not be told: the session may go on.');
  }

  if (!viewer) {
    return (
      <main className="narrow">
        {error ? (
          <section>
            <p className="problem" role="alert">
              {findProblems(error, []).general}
            </p>
            <button type="button" onClick={() => reload({ requestPolicy: 'network-only' })}>
              Try again
            </button>
          </section>
        ) : (
          <p role="status">Loading …</p>
        )}
      </main>
    );
  }
  return (
    <main>
      <header>
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {viewer.name ?? 'Your account'}
          </h1>
          <p className="hint">{viewer.email}</p>
        </div>
        <button type="button" className="quiet" onClick={() => void signOut()}>
          Sign out
        </button>
      </header>
      <ProfileForm userId={viewer.id} profile={viewer} />
      <EmailForm userId={viewer.id} email={viewer.email} isVerified={viewer.emailVerified} />
      <PasswordForm userId={viewer.id} email={viewer.email} />
      <SessionList sessions={viewer.sessions} onSignOut={() => void signOut()} />
    </main>
  );
}

/** Calls back when the user comes back to this tab: much may have happened meanwhile, the end of the session too. */
function useReturn(callback: () => void): void {
  const latest = useRef(callback);
  useEffect(() => {
    latest.current = callback;
  });
  useEffect(() => {
    const listener = () => document.visibilityState === 'visible' && latest.current();
    document.addEventListener('visibilitychange', listener);
    return () => document.removeEventListener('visibilitychange', listener);
  }, []);
}
