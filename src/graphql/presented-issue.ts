import type { Issue } from '../errors.ts';

/** One of several problems, as GraphQL shows it. The reason is for the codes that REST makes of it. */
export function presentIssue({ reason: _, ...issue }: Issue): Issue {
  return { ...issue, code: issue.code.toUpperCase() };
}
