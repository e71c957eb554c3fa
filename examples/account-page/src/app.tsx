import { useCallback, useEffect, useState } from 'react';
import { Account, type Viewer } from './account.tsx';
import { Field, Form } from './form.tsx';
import { Viewer as ViewerDocument } from './operations.ts';
import { ask, codeOf, forget, hasSession, signIn } from './session.ts';

type State = { readonly viewer: Viewer | null; readonly message?: string } | 'loading';

export function App() {
  const [state, setState] = useState<State>('loading');

  const load = useCallback(async () => {
    if (!hasSession()) return setState({ viewer: null });
    try {
      const { viewer } = await ask(ViewerDocument, {});
      setState({ viewer: viewer ?? null });
    } catch (error) {
      if (codeOf(error) !== 'UNAUTHORIZED') {
        return setState({ viewer: null, message: 'The server did not answer. Reload the page in a moment.' });
      }
      forget();
      setState({ viewer: null, message: 'Your session has ended. Sign in again.' });
    }
  }, []);

  useEffect(() => {
    load();
    window.addEventListener('focus', load); // whoever comes back sees at once when the session has ended elsewhere
    return () => window.removeEventListener('focus', load);
  }, [load]);

  return (
    <main>
      <h1>Your account</h1>
      {state === 'loading' && <p>Loading …</p>}
      {state !== 'loading' && state.viewer && <Account reload={load} viewer={state.viewer} />}
      {state !== 'loading' && !state.viewer && <SignIn done={load} message={state.message} />}
    </main>
  );
}

function SignIn({ done, message }: { readonly done: () => Promise<void>; readonly message: string | undefined }) {
  const send = async ({ email = '', password = '' }: Record<string, string>) => {
    await signIn(email, password);
    await done();
  };
  return (
    <>
      {message && <p role="status">{message}</p>}
      <Form action="Sign in" send={send} title="Sign in">
        {(problems) => (
          <>
            <Field autoComplete="username" label="Email" name="email" problems={problems} type="email" />
            <Field
              autoComplete="current-password"
              label="Password"
              name="password"
              problems={problems}
              type="password"
            />
          </>
        )}
      </Form>
    </>
  );
}
