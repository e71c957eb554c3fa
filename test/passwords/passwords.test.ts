import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { warmUpPasswords } from '../../src/passwords/passwords.ts';

test('when passwords cannot be prepared, that is a line in the log and the end of nothing', async () => {
  const lines: string[] = [];
  const write: Writable['write'] = (line: string) => lines.push(line) > 0;
  const log = pino(Object.assign(new Writable(), { write }));
  await warmUpPasswords({ ...readConfig({}), ARGON2_TIME_COST: 99 }, log);
  expect(lines).toEqual([expect.stringContaining('passwords could not be prepared')]);
});
