import { useState } from 'react';
import { changesOf } from './changes.ts';
import { Field, Form } from './form.tsx';
import type { ViewerQuery } from './generated/graphql.ts';
import { EndSession, UpdateViewer } from './operations.ts';
import { ask, ownSessionId } from './session.ts';

export type Viewer = NonNullable<ViewerQuery['viewer']>;

interface Props {
  readonly viewer: Viewer;
  /** Reads the user again. */
  readonly reload: () => Promise<void>;
}

export function Account({ viewer, reload }: Props) {
  return (
    <>
      <p className="lead">
        Signed in as <strong>{viewer.email}</strong>
      </p>
      <Profile reload={reload} viewer={viewer} />
      <NewPassword reload={reload} viewer={viewer} />
      <Sessions reload={reload} viewer={viewer} />
    </>
  );
}

function Profile({ viewer, reload }: Props) {
  const { firstName, lastName, name, locale } = viewer;
  const send = async (typed: Record<string, string>) => {
    const input = changesOf({ firstName, lastName, name, locale }, typed);
    await ask(UpdateViewer, { id: viewer.id, input });
    await reload();
  };
  return (
    <Form action="Save" done="Saved." send={send} title="Name and language">
      {(problems) => (
        <>
          <Field defaultValue={firstName ?? ''} label="First name" name="firstName" problems={problems} />
          <Field defaultValue={lastName ?? ''} label="Last name" name="lastName" problems={problems} />
          <Field defaultValue={name ?? ''} label="Full name" name="name" problems={problems} />
          <Field defaultValue={locale ?? ''} label="Language" name="locale" placeholder="en-US" problems={problems} />
        </>
      )}
    </Form>
  );
}

function NewPassword({ viewer, reload }: Props) {
  const [count, setCount] = useState(0);
  const send = async ({ currentPassword = '', password = '' }: Record<string, string>) => {
    await ask(UpdateViewer, { id: viewer.id, input: { currentPassword, password } });
    setCount(count + 1); // empties the fields
    await reload(); // the other sessions have ended
  };
  return (
    <Form action="Change password" done="Changed. You are signed out everywhere else." send={send} title="Password">
      {(problems) => (
        <div key={count}>
          <Field
            autoComplete="current-password"
            label="Current password"
            name="currentPassword"
            problems={problems}
            type="password"
          />
          <Field autoComplete="new-password" label="New password" name="password" problems={problems} type="password" />
        </div>
      )}
    </Form>
  );
}

function Sessions({ viewer, reload }: Props) {
  const own = ownSessionId();
  const end = async (id: string) => {
    await ask(EndSession, { id });
    await reload();
  };
  return (
    <section aria-labelledby="sessions">
      <h2 id="sessions">Where you are signed in</h2>
      <ul>
        {viewer.sessions.map(({ id, userAgent, ipAddress, createdAt }) => (
          <li key={id}>
            <span>
              {id === own ? 'This browser' : (userAgent ?? 'Unknown browser')}
              <small>
                {ipAddress ?? 'unknown address'}, since {new Date(createdAt).toLocaleString()}
              </small>
            </span>
            <button onClick={() => end(id)} type="button">
              {id === own ? 'Sign out' : 'End'}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
