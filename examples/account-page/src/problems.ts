import { ClientError } from 'graphql-request';

/** What went wrong: by the name of the field that is to blame, and under `form` what no field is to blame for. */
export type Problems = Readonly<Record<string, string>>;

interface Issue {
  readonly field?: string;
  readonly message: string;
}

/** One problem has `extensions.field`, several have `extensions.issues`, each with its field. */
export function problemsOf(error: unknown): Problems {
  const refusal = error instanceof ClientError ? error.response.errors?.[0] : undefined;
  if (!refusal) return { form: 'The server did not answer. Try again in a moment.' };
  const { field, issues = [{ field, message: refusal.message }] } = refusal.extensions as {
    field?: string;
    issues?: Issue[];
  };
  const problems: Record<string, string> = {};
  for (const { field: name = 'form', message } of issues) {
    problems[name] = problems[name] ? `${problems[name]} ${message}` : message;
  }
  return problems;
}
