type Entry = Record<string, unknown> & { readonly time: string; readonly level: string; readonly msg?: string };

const colors: Partial<Record<string, number>> = { warn: 33, error: 31, fatal: 31 };
/** Of no use to whoever sits before the terminal. */
const left = ['time', 'level', 'msg', 'pid', 'hostname', 'err'];

/** A line of the log, which is JSON, for somebody who reads it on a terminal. */
export function formatForTerminal(line: string, { color = true } = {}): string {
  const entry: Entry = JSON.parse(line);
  const { time, level, msg = '' } = entry;
  const details = Object.entries(entry)
    .filter(([name]) => !left.includes(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const code = color && colors[level];
  const word = level.toUpperCase().padEnd(5);
  const head = `${time.slice(11, 23)} ${code ? `\u001b[${code}m${word}\u001b[0m` : word} ${msg}`;
  return `${[head, ...details].join('  ')}\n${formatError(entry.err)}`;
}

function formatError(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const { type, code, stack, ...others } = error as Record<string, unknown>;
  const name = code ? `${type} (${code})` : String(type);
  const details = Object.entries(others).map(([key, value]) => `    ${key}: ${value}\n`);
  return `    ${name}\n${details.join('')}${stack ? `${stack}\n` : ''}`;
}
