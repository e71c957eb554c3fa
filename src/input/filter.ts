import { assertNoIssues } from './validation-errors.ts';

type WithoutNull<Filter> = { readonly [Name in keyof Filter]: Exclude<Filter[Name], null> };

/**
 * The conditions of a list; none where no filter is given. Throws for those that are null: if they did not count, a value that is
 * missing by mistake would find everybody, and whoever takes the first would take somebody else.
 */
export function parseFilter<Filter extends object>(given: Filter | null | undefined): WithoutNull<Partial<Filter>> {
  const filter = given ?? {};
  const missing = Object.entries(filter).filter(([, value]) => value === null);
  assertNoIssues(
    missing.map(([field]) => ({
      field,
      code: 'invalid_request_parameters',
      message: `\`${field}\` is null, which nothing can be looked for by. Leave it out where it is not to count.`,
    })),
  );
  return filter as WithoutNull<Partial<Filter>>;
}
