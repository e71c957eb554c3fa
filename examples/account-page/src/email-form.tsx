import { useState } from 'react';
import { useMutation } from 'urql';
import { Form, TextField, useSubmission } from './form.tsx';
import { ConfirmEmailChange, ConfirmEmailVerification, SendEmailChange, SendEmailVerification } from './operations.ts';

interface Props {
  readonly userId: string;
  readonly email: string;
  readonly isVerified: boolean;
}

/** The address: whether it is proven to be the user's, and how it becomes another one. */
export function EmailForm({ userId, email, isVerified }: Props) {
  const [notice, setNotice] = useState('');
  return (
    <section>
      <h2 id="email">Email</h2>
      <p className="address">
        {email} <span className="badge">{isVerified ? 'Verified' : 'Not verified'}</span>
      </p>
      <output className="notice">{notice}</output>
      {!isVerified && <Verification userId={userId} onDone={setNotice} />}
      <Change userId={userId} onDone={setNotice} />
    </section>
  );
}

interface PartProps {
  readonly userId: string;
  /** Told what has happened, in a sentence for the user. */
  readonly onDone: (notice: string) => void;
}

function Verification({ userId, onDone }: PartProps) {
  const [isSent, setSent] = useState(false);
  const [code, setCode] = useState('');
  const [, send] = useMutation(SendEmailVerification);
  const [, confirm] = useMutation(ConfirmEmailVerification);
  const submission = useSubmission(['code'], async () => {
    if (!isSent) {
      const { error } = await send({ userId });
      setSent(!error);
      return { error, notice: 'A code is on its way to you.' };
    }
    const { error } = await confirm({ userId, code });
    if (!error) onDone('Your address is verified.');
    return { error };
  });
  /** A code that has expired, or was tried too often, is of no use any more; where it is too soon, the one before still is. */
  const again = useSubmission([], async () => {
    const { error } = await send({ userId });
    return { error, notice: 'Another code is on its way to you.' };
  });
  return (
    <Form submission={submission} submitLabel={isSent ? 'Verify' : 'Mail me a code to verify it'} labelledBy="email">
      {isSent && (
        <>
          <CodeField code={code} setCode={setCode} problem={submission.problems.byField.code} />
          <button type="button" className="quiet" onClick={() => void again.submit()}>
            Another code
          </button>
          <output className="notice">{again.problems.general ?? again.notice}</output>
        </>
      )}
    </Form>
  );
}

const fieldsOfChange = ['newEmail', 'currentPassword', 'code'];

function Change({ userId, onDone }: PartProps) {
  const [newEmail, setNewEmail] = useState('');
  const [currentPassword, setCurrentPassword] = useState('');
  const [code, setCode] = useState('');
  const [awaited, setAwaited] = useState<string | null>(null);
  const [, send] = useMutation(SendEmailChange);
  const [, confirm] = useMutation(ConfirmEmailChange);

  const submission = useSubmission(fieldsOfChange, async () => {
    if (awaited === null) {
      const { data, error } = await send({ userId, newEmail, currentPassword: currentPassword || null });
      if (!data) return { error };
      setAwaited(data.sendEmailChange.newEmail);
      setCurrentPassword('');
      return {
        notice: `A code is on its way to ${data.sendEmailChange.newEmail}. Your address so far is told, or gets a code of its own first.`,
      };
    }
    const { data, error } = await confirm({ userId, code });
    if (!data) return { error };
    setCode('');
    // Where both addresses have to agree, that was the code of the one so far.
    if (data.confirmEmailChange.email !== awaited) return { notice: `The next code is on its way to ${awaited}.` };
    setNewEmail('');
    setAwaited(null);
    onDone(
      `Your address is ${data.confirmEmailChange.email} now. Your other sessions have ended, and sign-ins by accounts of the address before are gone.`,
    );
    return {};
  });
  const startAnew = () => {
    setAwaited(null);
    setCode('');
  };
  const { byField } = submission.problems;
  if (awaited !== null) {
    return (
      <Form submission={submission} submitLabel="Confirm the new address" labelledBy="email">
        <CodeField code={code} setCode={setCode} problem={byField.code} />
        <button type="button" className="quiet" onClick={startAnew}>
          Another address
        </button>
      </Form>
    );
  }
  return (
    <Form submission={submission} submitLabel="Change the address" labelledBy="email">
      <TextField
        label="New address"
        type="email"
        value={newEmail}
        onChange={setNewEmail}
        problem={byField.newEmail}
        autoComplete="email"
      />
      <TextField
        label="Your password"
        type="password"
        value={currentPassword}
        onChange={setCurrentPassword}
        problem={byField.currentPassword}
        autoComplete="current-password"
        hint="If you have one."
      />
    </Form>
  );
}

interface CodeFieldProps {
  readonly code: string;
  readonly setCode: (code: string) => void;
  readonly problem: string | undefined;
}

function CodeField({ code, setCode, problem }: CodeFieldProps) {
  return (
    <TextField
      label="Code"
      value={code}
      onChange={setCode}
      problem={problem}
      autoComplete="one-time-code"
      hint="Six digits, from the mail. It counts for ten minutes."
    />
  );
}
