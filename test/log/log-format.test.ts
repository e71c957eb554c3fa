import { expect, test } from 'vitest';
import { formatForTerminal } from '../../src/log/log-format.ts';

const common = { time: '2026-01-15T12:00:00.123Z', pid: 1, hostname: 'host' };

test('a line of the log on a terminal is the time, the level, what happened, and the details', () => {
  const line = JSON.stringify({ ...common, level: 'info', path: '/graphql', fields: ['user'], msg: 'answered' });
  expect(formatForTerminal(line)).toBe('12:00:00.123 INFO  answered  path=/graphql  fields=["user"]\n');
});

test('warnings and errors have a color, unless none is wanted', () => {
  const line = JSON.stringify({ ...common, level: 'warn', msg: 'careful' });
  expect(formatForTerminal(line)).toBe('12:00:00.123 \u001b[33mWARN \u001b[0m careful\n');
  expect(formatForTerminal(line, { color: false })).toBe('12:00:00.123 WARN  careful\n');
});

test('an error is told below its line, with its stack', () => {
  const err = { type: 'Error', code: 'ENOENT', stack: '    at work (file.ts:1:1)' };
  const line = JSON.stringify({ ...common, level: 'error', err, msg: 'unexpected error' });
  expect(formatForTerminal(line, { color: false })).toBe(
    '12:00:00.123 ERROR unexpected error\n    Error (ENOENT)\n    at work (file.ts:1:1)\n',
  );
});
