import { type FormEvent, type InputHTMLAttributes, type ReactNode, useId, useState } from 'react';
import { type Problems, problemsOf } from './problems.ts';

interface FormProps {
  readonly title: string;
  readonly action: string;
  /** Shown when it has worked. */
  readonly done?: string;
  readonly send: (typed: Record<string, string>) => Promise<void>;
  readonly children: (problems: Problems) => ReactNode;
}

/** A form that shows each problem at its field, and what remains above the button. */
export function Form({ title, action, done, send, children }: FormProps) {
  const [problems, setProblems] = useState<Problems>({});
  const [state, setState] = useState<'ready' | 'busy' | 'done'>('ready');
  const heading = useId();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const typed = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    setState('busy');
    try {
      await send(typed);
      setProblems({});
      setState('done');
    } catch (error) {
      const found = problemsOf(error);
      setProblems(found);
      setState('ready');
      const [first] = Object.keys(found).map((field) => form.elements.namedItem(field));
      if (first instanceof HTMLElement) first.focus();
    }
  }

  return (
    <form aria-labelledby={heading} noValidate onSubmit={submit}>
      <h2 id={heading}>{title}</h2>
      {children(problems)}
      {problems.form && <p role="alert">{problems.form}</p>}
      <button disabled={state === 'busy'} type="submit">
        {action}
      </button>
      {state === 'done' && done && <output>{done}</output>}
    </form>
  );
}

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  readonly label: string;
  readonly name: string;
  readonly problems: Problems;
}

/** A labelled input, and the problem with it. */
export function Field({ label, name, problems, ...input }: FieldProps) {
  const id = useId();
  const problem = problems[name];
  const invalid = problem === undefined ? {} : { 'aria-invalid': true, 'aria-describedby': `${id}-problem` };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} name={name} {...invalid} {...input} />
      {problem && (
        <p className="problem" id={`${id}-problem`}>
          {problem}
        </p>
      )}
    </div>
  );
}
