import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Form, TextField, useSubmission } from './form.tsx';
import {
  findPendingSignIn,
  type PendingSignIn,
  requestPasswordReset,
  requestSignInCode,
  signIn,
  signInAfterVerification,
  signInWithCode,
} from './ways-in.ts';

type Step =
  | { readonly name: 'password' | 'ask for a code' | 'forgot' }
  | { readonly name: 'code'; readonly email: string }
  | { readonly name: 'verify'; readonly pending: PendingSignIn };

/** By password, or by a code that is mailed; a forgotten password is replaced by a link that is mailed. */
export function SignIn({ notice }: { readonly notice: string | undefined }) {
  const [step, setStep] = useState<Step>({ name: 'password' });
  const [email, setEmail] = useState('');
  const address = { email, setEmail };
  const back = () => setStep({ name: 'password' });
  switch (step.name) {
    case 'password':
      return <PasswordStep {...address} notice={notice} goTo={setStep} />;
    case 'ask for a code':
      return <AskForCode {...address} onSent={() => setStep({ name: 'code', email })} onBack={back} />;
    case 'forgot':
      return <Forgot {...address} onBack={back} />;
    case 'code':
      return (
        <CodeStep
          text={`If ${step.email} has an account, a code is on its way there. It counts for ten minutes.`}
          hint="Six digits. Where the address was never verified, a password and sessions of before end with this."
          send={(code) => signInWithCode(step.email, code)}
          onBack={back}
        />
      );
    case 'verify':
      return (
        <CodeStep
          text={`Your address is not verified yet. A code is on its way to ${step.pending.email}.`}
          send={(code) => signInAfterVerification(code, step.pending.pendingAuthenticationToken)}
          onBack={back}
        />
      );
  }
}

interface Address {
  readonly email: string;
  readonly setEmail: (email: string) => void;
}

interface PasswordStepProps extends Address {
  readonly notice: string | undefined;
  readonly goTo: (step: Step) => void;
}

function PasswordStep({ email, setEmail, notice, goTo }: PasswordStepProps) {
  const [password, setPassword] = useState('');
  const submission = useSubmission(['email', 'password'], async () => {
    const error = await signIn(email, password);
    const pending = findPendingSignIn(error);
    if (pending) goTo({ name: 'verify', pending });
    return pending ? {} : { error };
  });
  return (
    <Narrow heading="Sign in" notice={notice}>
      <Form submission={submission} submitLabel="Sign in" labelledBy="way-in">
        <EmailField email={email} setEmail={setEmail} problem={submission.problems.byField.email} />
        <TextField
          label="Password"
          type="password"
          value={password}
          onChange={setPassword}
          problem={submission.problems.byField.password}
          autoComplete="current-password"
        />
      </Form>
      <div className="ways">
        <button type="button" className="quiet" onClick={() => goTo({ name: 'ask for a code' })}>
          Sign in with a code
        </button>
        <button type="button" className="quiet" onClick={() => goTo({ name: 'forgot' })}>
          Forgot your password?
        </button>
      </div>
    </Narrow>
  );
}

function AskForCode({ email, setEmail, onSent, onBack }: Address & { onSent: () => void; onBack: () => void }) {
  const submission = useSubmission(['email'], async () => {
    const error = await requestSignInCode(email);
    if (!error) onSent();
    return { error };
  });
  return (
    <Narrow heading="Sign in with a code" onBack={onBack}>
      <Form submission={submission} submitLabel="Mail me a code" labelledBy="way-in">
        <EmailField email={email} setEmail={setEmail} problem={submission.problems.byField.email} />
      </Form>
    </Narrow>
  );
}

function Forgot({ email, setEmail, onBack }: Address & { onBack: () => void }) {
  const submission = useSubmission(['email'], async () => ({
    error: await requestPasswordReset(email),
    notice: `If ${email} has an account, a link to a new password is on its way there. It counts for an hour.`,
  }));
  return (
    <Narrow heading="Forgot your password?" onBack={onBack}>
      <Form submission={submission} submitLabel="Mail me a link" labelledBy="way-in">
        <EmailField email={email} setEmail={setEmail} problem={submission.problems.byField.email} />
      </Form>
    </Narrow>
  );
}

interface CodeStepProps {
  readonly text: string;
  readonly hint?: string;
  readonly send: (code: string) => ReturnType<typeof signIn>;
  readonly onBack: () => void;
}

function CodeStep({ text, hint = 'Six digits.', send, onBack }: CodeStepProps) {
  const [code, setCode] = useState('');
  const submission = useSubmission(['code'], async () => ({ error: await send(code) }));
  return (
    <Narrow heading="Enter the code" notice={text} onBack={onBack}>
      <Form submission={submission} submitLabel="Sign in" labelledBy="way-in">
        <TextField
          label="Code"
          value={code}
          onChange={setCode}
          problem={submission.problems.byField.code}
          autoComplete="one-time-code"
          hint={hint}
        />
      </Form>
    </Narrow>
  );
}

function EmailField({ email, setEmail, problem }: Address & { problem: string | undefined }) {
  return (
    <TextField label="Email" type="email" value={email} onChange={setEmail} problem={problem} autoComplete="username" />
  );
}

interface NarrowProps {
  readonly heading: string;
  readonly notice?: string | undefined;
  readonly onBack?: () => void;
  readonly children: ReactNode;
}

/** A step on the way in. Its heading is read out when it appears. */
export function Narrow({ heading, notice, onBack, children }: NarrowProps) {
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => ref.current?.focus(), []);
  return (
    <main className="narrow">
      <h1 id="way-in" ref={ref} tabIndex={-1}>
        {heading}
      </h1>
      {notice && (
        <p className="banner" role="alert">
          {notice}
        </p>
      )}
      <section>
        {children}
        {onBack && (
          <div className="ways">
            <button type="button" className="quiet" onClick={onBack}>
              Back to the sign-in
            </button>
          </div>
        )}
      </section>
    </main>
  );
}
