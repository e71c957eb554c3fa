/** The least severe first. */
const severities = ['warn', 'error', 'fatal'] as const;

const numbers = { warn: 40, error: 50, fatal: 60 };

/**
 * The lines of a log that are as severe as this or more, as they came. Levels are words in development and numbers in
 * production, and among what a process printed there may be lines that are no log.
 */
export function linesOf(output: string, leastSevere: (typeof severities)[number]): string[] {
  const wanted = severities.slice(severities.indexOf(leastSevere)).flatMap((name) => [`"${name}"`, numbers[name]]);
  const pattern = new RegExp(`"level":(${wanted.join('|')})[,}]`);
  return output.split('\n').filter((line) => pattern.test(line));
}
