import { useState } from 'react';
import { useMutation } from 'urql';
import { Form, TextField, useSubmission } from './form.tsx';
import type { UpdateUserInput } from './generated/graphql.ts';
import { UpdateViewer } from './operations.ts';

interface Props {
  readonly userId: string;
  readonly email: string;
}

export function PasswordForm({ userId, email }: Props) {
  const [currentPassword, setCurrentPassword] = useState('');
  const [password, setPassword] = useState('');
  const [, update] = useMutation(UpdateViewer);
  const submission = useSubmission(['currentPassword', 'password'], async () => {
    // Passwords are never trimmed, and cannot be null: nothing typed is nothing sent, and Roster says what is missing.
    const input: UpdateUserInput = { password, ...(currentPassword && { currentPassword }) };
    const { error } = await update({ id: userId, input });
    if (error) return { error };
    setCurrentPassword('');
    setPassword('');
    return { notice: 'Password changed. Your other sessions have ended.' };
  });
  const { byField } = submission.problems;
  return (
    <section>
      <h2 id="password">Password</h2>
      <Form submission={submission} submitLabel="Change password" labelledBy="password">
        {/* Tells password managers whose password this is. */}
        <input type="email" value={email} autoComplete="username" readOnly hidden />
        <TextField
          label="Current password"
          type="password"
          value={currentPassword}
          onChange={setCurrentPassword}
          problem={byField.currentPassword}
          autoComplete="current-password"
        />
        <TextField
          label="New password"
          type="password"
          value={password}
          onChange={setPassword}
          problem={byField.password}
          autoComplete="new-password"
          hint="At least 10 characters, and hard to guess. Changing it signs you out everywhere else."
        />
      </Form>
    </section>
  );
}
