import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import type { CombinedError } from 'urql';
import { findProblems, noProblems } from './problems.ts';

interface Outcome {
  readonly error?: CombinedError | null | undefined;
  /** What to say when it went well. */
  readonly notice?: string;
}

/** The state of a form that is sent to Roster. `fields`: the names of its fields in Roster's errors. */
export function useSubmission(fields: readonly string[], send: () => Promise<Outcome>) {
  const [problems, setProblems] = useState(noProblems);
  const [notice, setNotice] = useState('');
  const [isBusy, setBusy] = useState(false);
  async function submit(): Promise<void> {
    if (isBusy) return;
    setBusy(true);
    setNotice('');
    const outcome = await send();
    setProblems(outcome.error ? findProblems(outcome.error, fields) : noProblems);
    if (!outcome.error) setNotice(outcome.notice ?? '');
    setBusy(false);
  }
  return { problems, notice, isBusy, submit };
}

interface FormProps {
  readonly submission: ReturnType<typeof useSubmission>;
  readonly submitLabel: string;
  readonly labelledBy: string;
  readonly children: ReactNode;
}

/** The fields, what is wrong with the whole, and the button. `noValidate`: Roster's rules are the only ones. */
export function Form({ submission, submitLabel, labelledBy, children }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const { problems, notice, isBusy } = submission;
  useEffect(() => {
    if (problems !== noProblems) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [problems]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void submission.submit();
  };
  return (
    <form ref={form} onSubmit={submit} aria-labelledby={labelledBy} aria-busy={isBusy} noValidate>
      {children}
      {problems.general && (
        <p className="problem" role="alert">
          {problems.general}
        </p>
      )}
      <div className="actions">
        <button type="submit" aria-disabled={isBusy}>
          {submitLabel}
        </button>
        <output className="notice">{notice}</output>
      </div>
    </form>
  );
}

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly problem: string | undefined;
  readonly autoComplete: string;
  readonly hint?: string;
  readonly type?: 'text' | 'email' | 'password';
}

/** Hint and problem are read out with the field. */
export function TextField({ label, value, onChange, problem, autoComplete, hint, type = 'text' }: TextFieldProps) {
  const id = useId();
  const describedBy = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ');
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type={type}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        autoComplete={autoComplete}
        aria-invalid={problem !== undefined}
        aria-describedby={describedBy || undefined}
      />
      {hint && (
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      )}
      {problem && (
        <p id={`${id}-problem`} className="problem">
          {problem}
        </p>
      )}
    </div>
  );
}
