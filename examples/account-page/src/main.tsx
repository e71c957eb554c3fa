import { StrictMode, useMemo, useState, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import { Provider } from 'urql';
import { Account } from './account.tsx';
import { createClient } from './client.ts';
import { ResetPassword, resetToken } from './reset-password.tsx';
import { getState, subscribe } from './session.ts';
import { SignIn } from './sign-in.tsx';
import './style.css';

function App() {
  const state = useSyncExternalStore(subscribe, getState);
  const [token, setToken] = useState(resetToken);
  if (token !== null) return <ResetPassword token={token} onDone={() => setToken(null)} />;
  return state.status === 'signed in' ? <SignedIn /> : <SignIn notice={state.notice} />;
}

function SignedIn() {
  const client = useMemo(createClient, []);
  return (
    <Provider value={client}>
      <Account />
    </Provider>
  );
}

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
