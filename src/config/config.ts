import type { z } from 'zod';
import { OperatorError } from '../errors.ts';
import { configChecks, findMissing } from './config-checks.ts';
import { type Config, renamedSettings, settings } from './settings.ts';

/** The environment does not make a configuration; the message lists every problem. */
export class ConfigError extends OperatorError {
  override readonly name = 'ConfigError';
}

/** What else a configuration must fulfil; a sentence for each problem. What is malformed is missing here. */
export type ConfigCheck = (config: Partial<Config>) => string[];

/**
 * Reads the configuration from the environment. An empty variable counts as unset. Throws ConfigError with all problems,
 * those of further checks too.
 */
export function readConfig(env: NodeJS.ProcessEnv, checks: readonly ConfigCheck[] = []): Config {
  const parsed = Object.entries(settings).map(([name, rule]) => ({ name, ...rule.safeParse(given(env, name)) }));
  const malformed = parsed.flatMap(({ name, error }) => {
    const issue = error?.issues[0];
    return issue ? [`${name}: ${describeIssue(issue)}`] : [];
  });
  const config = Object.fromEntries(parsed.map(({ name, data }) => [name, data])) as Config;
  const isNews = (problem: string) => !malformed.some((known) => known.split(':')[0] === problem.split(':')[0]);
  const problems = [
    ...malformed,
    ...findMissing(env),
    ...[...configChecks, ...checks].flatMap((check) => check(config)).filter(isNews),
  ];
  if (problems.length === 0) return Object.freeze(config);
  throw new ConfigError(`The configuration has problems:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
}

/** What was expected, in words; the value is not repeated: it may be a secret. */
function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_value') return issue.message;
  const values = issue.values.map(String);
  return values.includes('true') ? 'expected true or false' : `expected ${anyOf.format(values)}`;
}

const anyOf = new Intl.ListFormat('en', { type: 'disjunction' });

/** What a setting is given, by its name or the one that it had; an empty text is nothing. */
function given(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const former = Object.keys(renamedSettings).find((old) => renamedSettings[old] === name);
  return env[name] || (former && env[former]) || undefined;
}
