import { readdirSync, readFileSync } from 'node:fs';
import { platform } from 'node:os';
import { expect, test } from 'vitest';
import { verifyPassword } from '../../src/passwords/verify.ts';

const costliest =
  '$scrypt$v=1$n=131072,r=16,p=1,kl=32$TmFDbCBvZiAxNiBieXRlcw$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8';

/** The nice values of all threads of this process: field 19 of proc(5). */
function niceValues(): number[] {
  return readdirSync('/proc/self/task').flatMap((thread) => {
    try {
      const [, fields = ''] = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8').split(') ');
      return [Number(fields.split(' ')[16])];
    } catch {
      return []; // it has just ended
    }
  });
}

test.runIf(platform() === 'linux')(
  'a costly hash is computed on a thread that gives way to requests',
  async () => {
    const before = Math.max(...niceValues());
    const during = new Set<number>();
    const watch = setInterval(() => {
      for (const value of niceValues()) during.add(value);
    }, 5);
    expect(await verifyPassword('wrong', { type: 'scrypt', hash: costliest, saltPosition: null })).toBe(false);
    clearInterval(watch);
    expect([...during].some((value) => value > before)).toBe(true);
    expect(niceValues()).toContain(before); // of this thread, nothing has changed
  },
  30_000,
);
