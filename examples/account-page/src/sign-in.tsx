import { useEffect, useRef, useState } from 'react';
import { Form, TextField, useSubmission } from './form.tsx';
import { signIn } from './session.ts';

export function SignIn({ notice }: { readonly notice: string | undefined }) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const submission = useSubmission(['email', 'password'], async () => ({ error: await signIn(email, password) }));
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const { byField } = submission.problems;
  return (
    <main className="narrow">
      <h1 id="sign-in" ref={heading} tabIndex={-1}>
        Sign in
      </h1>
      {notice && (
        <p className="banner" role="alert">
          {notice}
        </p>
      )}
      <section>
        <Form submission={submission} submitLabel="Sign in" labelledBy="sign-in">
          <TextField
            label="Email"
            type="email"
            value={email}
            onChange={setEmail}
            problem={byField.email}
            autoComplete="username"
          />
          <TextField
            label="Password"
            type="password"
            value={password}
            onChange={setPassword}
            problem={byField.password}
            autoComplete="current-password"
          />
        </Form>
      </section>
    </main>
  );
}
