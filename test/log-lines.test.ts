import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { linesOf } from './support/log-lines.ts';

test.each([
  ['numbers', {}],
  ['words', { formatters: { level: (label: string) => ({ level: label }) } }],
])('severe lines are found in a log with %s for levels', (_which, options) => {
  const lines: string[] = ['not a line of the log\n'];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const log = pino(options, sink);
  for (const level of ['info', 'warn', 'error', 'fatal'] as const) log[level](`this is ${level}`);
  const said = (output: string[]) => output.map((line) => JSON.parse(line).msg);
  expect(said(linesOf(lines.join(''), 'error'))).toEqual(['this is error', 'this is fatal']);
  expect(said(linesOf(lines.join(''), 'warn'))).toEqual(['this is warn', 'this is error', 'this is fatal']);
});
