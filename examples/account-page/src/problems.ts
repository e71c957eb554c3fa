import type { CombinedError } from 'urql';

export interface Problems {
  /** What is wrong with each field of the form. */
  readonly byField: Readonly<Record<string, string>>;
  /** What belongs to no field of the form. */
  readonly general: string | null;
}

export const noProblems: Problems = { byField: {}, general: null };

interface Blame {
  readonly field?: string;
  readonly message: string;
  /** What makes a new password easy to guess, and how to make it harder. */
  readonly warning?: string;
  readonly suggestions?: readonly string[];
}

/**
 * Finds the field of each problem. Roster's errors have `extensions.field` where one field is to blame, and
 * `extensions.issues`, each with its own field, code and message, where there are several.
 */
export function findProblems(error: CombinedError, fields: readonly string[]): Problems {
  if (error.networkError) return { byField: {}, general: 'There is no connection to the server. Try again.' };
  const byField: Record<string, string> = {};
  const general: string[] = [];
  for (const { field, ...blame } of error.graphQLErrors.flatMap(blames)) {
    if (field === undefined || !fields.includes(field)) general.push(describe(blame));
    else byField[field] = byField[field] ? `${byField[field]} ${describe(blame)}` : describe(blame);
  }
  return { byField, general: general.length > 0 ? general.join(' ') : null };
}

function blames({ message, extensions }: CombinedError['graphQLErrors'][number]): Blame[] {
  const { field, issues } = extensions as { field?: string; issues?: Blame[] };
  const whole = field === undefined ? {} : { field };
  return issues ? issues.map((issue) => ({ ...whole, ...issue })) : [{ ...whole, message }];
}

function describe({ message, warning, suggestions = [] }: Blame): string {
  return [message, ...(warning ? [warning] : []), ...suggestions].join(' ');
}
