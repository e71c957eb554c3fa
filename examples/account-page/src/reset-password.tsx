import { useState } from 'react';
import { Form, TextField, useSubmission } from './form.tsx';
import { forget, showSignIn } from './session.ts';
import { Narrow } from './sign-in.tsx';
import { confirmPasswordReset } from './ways-in.ts';

/** The token of the link in a mail, where this page was opened by one. */
export const resetToken = (): string | null => new URLSearchParams(location.search).get('token');

/**
 * A new password by the link that was mailed. The token is sent when the button is pressed and never before: programs that
 * look for harm in mails open their links, too.
 */
export function ResetPassword({ token, onDone }: { readonly token: string; readonly onDone: () => void }) {
  const [password, setPassword] = useState('');
  const leave = () => {
    history.replaceState(null, '', '/'); // the token stays in no history
    onDone();
  };
  const submission = useSubmission(['newPassword', 'password'], async () => {
    const error = await confirmPasswordReset(token, password);
    if (error) return { error };
    forget();
    showSignIn('Your password is changed, and you are signed out everywhere. Sign in with the new one.');
    leave();
    return {};
  });
  const { byField } = submission.problems;
  return (
    <Narrow heading="Choose a new password" onBack={leave}>
      <Form submission={submission} submitLabel="Change password" labelledBy="way-in">
        <TextField
          label="New password"
          type="password"
          value={password}
          onChange={setPassword}
          problem={byField.newPassword ?? byField.password}
          autoComplete="new-password"
          hint="At least 10 characters, and hard to guess. It signs you out everywhere."
        />
      </Form>
    </Narrow>
  );
}
